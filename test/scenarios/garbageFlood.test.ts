import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '@palang/gateway/drivers/board/contract';
import { VirtualBoard } from './boardBench.js';

const FLOOD_MS = 5_000;

test('a flood of garbage both ways is counted, moves nothing, and a card still works after it', async () => {
  const bench = new VirtualBoard();
  const driver = bench.makeDriver();
  const heard = listen(driver);
  await bench.until(() => driver.barrier.status().online, 2_000);

  const { boots } = bench.lane.board;
  bench.lane.noise.reachHost((bytes) => bench.line?.emit('data', Buffer.from(bytes)));
  bench.lane.noise.set(true);
  await bench.pass(FLOOD_MS);
  bench.world.card(777, 'right');
  await bench.pass(1_000);
  bench.lane.noise.set(false);
  await bench.until(() => heard.some(({ what }) => what === 'card'), 8_000);

  const cards = heard.filter(({ what }) => what === 'card').map(({ value }) => value);
  assert.deepEqual(cards, ['w26:777']);
  assert.equal(bench.world.rises(), 0);
  assert.equal(bench.lane.board.boots, boots, 'the board is not driven to a reset');
  assert.deepEqual(
    heard.filter(({ what }) => what === 'opened' || what === 'position'),
    [],
  );
  assert.ok(driver.counters().discarded_bytes > 1_000, 'noise towards the host is counted');
  await bench.until(() => driver.barrier.status().online && driver.counters().board_crc_errors > 0, 8_000);

  await openAndSee(bench, driver);
  await driver.barrier.stop();
});

/** The line is as good as before: a command goes through. */
async function openAndSee(bench: VirtualBoard, driver: ReturnType<VirtualBoard['makeDriver']>): Promise<void> {
  const accepted = driver.barrier.send('raise', driver.barrier.prepare(), 1_000);
  await bench.until(() => driver.barrier.status().position === 'up', 6_000);
  await accepted;
  assert.equal(bench.lane.world.state.arm.raised, 1);
}
