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
    assert.ok(behind > -5 && behind < 60, `${behind} ms behind`);
  }
});

test('a stall longer than 50 ms is forgiven, not made up for', async (t) => {
  const board = new EmulatedBoard({ hex: HEX });
  const pacer = new RealTimePacer();
  pacer.add(board);
  t.after(() => pacer.stop());
  pacer.start();
  await pause(20);
  const before = board.nowMs;
  const stalledUntil = performance.now() + 300;
  while (performance.now() < stalledUntil);
  await pause(1);
  assert.ok(pacer.forgivenMs >= 240, `${pacer.forgivenMs} ms forgiven`);
  assert.ok(board.nowMs - before < 120, `${board.nowMs - before} ms made up`);
});
