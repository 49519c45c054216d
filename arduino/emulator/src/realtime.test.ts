import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EmulatedBoard } from './board.js';
import { RealTimePacer } from './realtime.js';

const HEX = readFileSync(new URL('../../palang-lane.hex', import.meta.url), 'utf8');

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('two boards keep to the pace of the wall', async (t) => {
  const boards = [new EmulatedBoard({ hex: HEX }), new EmulatedBoard({ hex: HEX })];
  const pacer = new RealTimePacer();
  for (const board of boards) pacer.add(board);
  t.after(() => pacer.stop());
  const started = performance.now();
  pacer.start();
  await pause(600);
  const elapsed = performance.now() - started;
  for (const board of boards) {
    const behind = elapsed - pacer.forgivenMs - board.nowMs;
    assert.ok(behind > -5 && behind < 200, `${behind} ms behind`);
  }
});

for (const { stall, forgiven } of [
  { stall: 300, forgiven: 0 },
  { stall: 1_500, forgiven: 500 },
]) {
  test(`of a stall of ${stall} ms all but ${forgiven} ms are made up for at once`, async (t) => {
    const board = new EmulatedBoard({ hex: HEX });
    const pacer = new RealTimePacer();
    pacer.add(board);
    t.after(() => pacer.stop());
    pacer.start();
    await pause(20);
    const [before, started] = [board.nowMs, performance.now()];
    while (performance.now() < started + stall);
    await pause(5);
    const due = performance.now() - started - pacer.forgivenMs;
    const madeUp = board.nowMs - before;
    assert.ok(Math.abs(madeUp - due) < 50, `${madeUp} of ${due} ms made up`);
    assert.ok(pacer.forgivenMs >= forgiven && pacer.forgivenMs < forgiven + 200, `${pacer.forgivenMs} ms forgiven`);
  });
}
