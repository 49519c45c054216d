import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EmulatedBoard } from './board.js';
import { type Pace, RealTimePacer } from './realtime.js';

const HEX = readFileSync(new URL('../../palang-lane.hex', import.meta.url), 'utf8');

/** Time that goes on when told; a timer that is late fires late, as on a machine that was busy. */
class Wall implements Pace {
  #now = 1_000;
  #timer: { due: number; action: () => void } | undefined;

  monotonic(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): () => void {
    this.#timer = { due: this.#now + delay, action };
    return () => {
      this.#timer = undefined;
    };
  }

  /** Time passes and every timer fires in time. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#timer; timer !== undefined && timer.due <= end; timer = this.#timer) {
      this.#timer = undefined;
      this.#now = timer.due;
      timer.action();
    }
    this.#now = end;
  }

  /** Time passes and nobody gets to run. */
  stall(ms: number): void {
    this.#now += ms;
    const timer = this.#timer;
    this.#timer = undefined;
    timer?.action();
  }
}

function paced(...boards: EmulatedBoard[]): { wall: Wall; pacer: RealTimePacer } {
  const wall = new Wall();
  const pacer = new RealTimePacer({ pace: wall });
  for (const board of boards) pacer.add(board);
  pacer.start();
  return { wall, pacer };
}

test('two boards keep to the pace of the wall, to the millisecond', () => {
  const boards = [new EmulatedBoard({ hex: HEX }), new EmulatedBoard({ hex: HEX })];
  const { wall, pacer } = paced(...boards);
  wall.pass(600);
  for (const board of boards) assert.ok(Math.abs(board.nowMs - 600) < 1, `${board.nowMs} ms of 600`);
  assert.equal(pacer.forgivenMs, 0);
});

for (const { stall, madeUp } of [
  { stall: 300, madeUp: 300 },
  { stall: 1_500, madeUp: 1_000 },
]) {
  test(`of a stall of ${stall} ms ${madeUp} ms are made up for at once`, () => {
    const board = new EmulatedBoard({ hex: HEX });
    const { wall, pacer } = paced(board);
    wall.pass(20);
    const before = board.nowMs;
    wall.stall(stall);
    assert.ok(Math.abs(board.nowMs - before - madeUp) < 1, `${board.nowMs - before} of ${madeUp} ms made up`);
    assert.equal(pacer.forgivenMs, stall - madeUp);
  });
}

test('a stopped pacer leaves its boards where they are', () => {
  const board = new EmulatedBoard({ hex: HEX });
  const { wall, pacer } = paced(board);
  wall.pass(20);
  const stopped = board.nowMs;
  pacer.stop();
  wall.pass(100);
  assert.equal(board.nowMs, stopped);
});
