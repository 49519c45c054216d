import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steadyClock } from './steadyClock.js';

function sources() {
  const at = { wall: 1_000_000, monotonic: 50 };
  return {
    at,
    clock: steadyClock(
      () => at.wall,
      () => at.monotonic,
    ),
  };
}

test('a wall clock that is set back does not make a value look younger', () => {
  const { at, clock } = sources();
  const before = clock();
  at.wall -= 3_600_000;
  at.monotonic += 4_000;
  assert.equal(clock() - before, 4_000);
});

test('time asleep counts although the monotonic clock stood still', () => {
  const { at, clock } = sources();
  const before = clock();
  at.wall += 900_000;
  assert.equal(clock() - before, 900_000);
});

test('two clocks that agree are counted once', () => {
  const { at, clock } = sources();
  const before = clock();
  at.wall += 250;
  at.monotonic += 250;
  assert.equal(clock() - before, 250);
});
