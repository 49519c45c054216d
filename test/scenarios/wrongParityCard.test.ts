import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '@palang/gateway/drivers/board/contract';
import { VirtualBoard } from './boardBench.js';

test('a card frame with wrong parity is told as unreadable, never as a card, and the next good one is read', async () => {
  const bench = new VirtualBoard();
  const driver = bench.makeDriver();
  const heard = listen(driver);
  await bench.until(() => driver.barrier.status().online, 2_000);
  for (let show = 0; show < 3; show++) bench.world.card(12_345_678, 'wrong');
  bench.world.card(12_345_678, 'right');
  await bench.until(() => heard.some(({ what }) => what === 'card'), 2_000);
  const told = heard.filter(({ what }) => what === 'card' || what === 'unreadable').map(({ value }) => value);
  assert.deepEqual(told, ['parity', 'parity', 'parity', 'w26:12345678']);
  assert.equal(bench.world.rises(), 0);
  await driver.barrier.stop();
});
