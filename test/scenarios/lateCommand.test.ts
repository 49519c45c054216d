import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '@palang/gateway/drivers/board/contract';
import { answers, DUPLICATE, VirtualBoard } from './boardBench.js';

const ACCEPTED = 0;
const STALE_BOOT = 2;
const EXPIRED = 4;

async function online() {
  const bench = new VirtualBoard();
  const driver = bench.makeDriver();
  listen(driver);
  await bench.until(() => driver.barrier.status().online, 2_000);
  return { bench, driver };
}

test('a command delivered 10 s late is refused by the board, every attempt of it', async () => {
  const { bench, driver } = await online();
  bench.line?.hold();
  const outcome = driver.barrier.send('raise', driver.barrier.prepare(), 1_000);
  const unknown = assert.rejects(outcome, { code: 'barrier_no_answer' });
  await bench.pass(10_000);
  await unknown;
  assert.equal(driver.barrier.status().online, true, 'only the command was late, not the line');
  bench.line?.release();
  await bench.pass(3_000);
  assert.deepEqual(answers(bench), [EXPIRED, EXPIRED]);
  assert.equal(bench.world.rises(), 0);
  assert.equal(driver.barrier.status().openings, 0);
  await driver.barrier.stop();
});

test('a command replayed on the wire moves nothing: it is known, and after a reset of another boot', async () => {
  const { bench, driver } = await online();
  const accepted = driver.barrier.send('raise', driver.barrier.prepare(), 1_000);
  await bench.until(() => driver.barrier.status().position === 'up', 6_000);
  await accepted;
  const [command] = bench.commands();
  assert.ok(command);
  const replay = () => bench.line?.write(command, () => undefined);
  const rises = bench.world.rises();

  replay();
  await bench.pass(1_000);
  bench.lane.board.reset('external');
  await bench.pass(2_000);
  replay();
  await bench.pass(1_000);

  assert.deepEqual(answers(bench), [ACCEPTED, ACCEPTED | DUPLICATE, STALE_BOOT]);
  assert.equal(bench.world.rises(), rises);
  assert.equal(driver.barrier.status().openings, 1);
  await driver.barrier.stop();
});
