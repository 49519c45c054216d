import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '@palang/gateway/drivers/board/contract';
import { VirtualBoard } from './boardBench.js';

test('serial pulled in the middle of an opening and back after 3 s: lost and back told once, no second movement', async () => {
  const bench = new VirtualBoard();
  const driver = bench.makeDriver();
  const heard = listen(driver);
  const times = (what: string) => heard.filter((one) => one.what === what).length;
  await bench.until(() => driver.barrier.status().online, 2_000);

  const accepted = driver.barrier.send('raise', driver.barrier.prepare(), 1_000);
  await bench.until(() => driver.barrier.status().position === 'raising', 2_000);
  await accepted;
  bench.world.unplug();
  await bench.until(() => times('offline') === 1, 2_000);
  const refused = driver.barrier.send('raise', { boot: 0, sequence: 1 }, 0);
  await assert.rejects(refused, { code: 'barrier_offline' });
  assert.throws(() => driver.barrier.prepare(), { code: 'barrier_offline' });

  await bench.pass(3_000);
  const risesWhileAway = bench.world.rises();
  bench.world.plug();
  await bench.until(() => times('online') === 2, 10_000);
  await bench.pass(10_000);

  assert.equal(bench.world.rises(), risesWhileAway, 'nothing that was asked before moves the arm after');
  assert.equal(times('offline'), 1);
  assert.equal(times('opened'), 1, 'one opening, told once although the board was reset by the plugging');
  assert.equal(bench.lane.world.state.arm.raised, 1);
  assert.equal(driver.barrier.status().position, 'up');
  assert.equal(driver.barrier.status().openings, 1);
  await driver.barrier.stop();
});

test('a command on its way when the serial line is pulled ends as unknown and is not sent again', async () => {
  const bench = new VirtualBoard();
  const driver = bench.makeDriver();
  listen(driver);
  await bench.until(() => driver.barrier.status().online, 2_000);
  bench.line?.hold();
  const outcome = driver.barrier.send('raise', driver.barrier.prepare(), 1_000);
  const unknown = assert.rejects(outcome, { code: 'barrier_no_answer' });
  bench.world.unplug();
  await bench.pass(10);
  await unknown;
  bench.world.plug();
  await bench.until(() => driver.barrier.status().online, 10_000);
  await bench.pass(5_000);
  assert.equal(bench.world.rises(), 0);
  await driver.barrier.stop();
});
