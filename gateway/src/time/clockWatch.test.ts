import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../testing/manualClock.js';
import { ClockWatch } from './clockWatch.js';
import { SystemStamps } from './stamps.js';

function setup() {
  const clock = new ManualClock();
  const told: string[] = [];
  const stamps = new SystemStamps({
    clock,
    boot: '00000000000000aa',
    synchronised: () => false,
    stepped: (by) => told.push(`stepped ${by}`),
  });
  const watch = new ClockWatch(clock, stamps, {
    raise: (fault) => told.push(`raised ${fault}`),
    clear: (fault) => told.push(`cleared ${fault}`),
  });
  watch.start();
  return { clock, stamps, watch, told };
}

test('a clock that nobody sets is a fault after a minute, once, until the hub is heard', async () => {
  const { clock, stamps, watch, told } = setup();
  await clock.advance(59_000);
  assert.deepEqual(told, []);
  await clock.advance(120_000);
  assert.deepEqual(told, ['raised clock_uncertain']);
  stamps.measured(clock.monotonic(), clock.monotonic(), clock.wall());
  await clock.advance(2_000);
  assert.deepEqual(told, ['raised clock_uncertain', 'cleared clock_uncertain']);
  watch.stop();
  assert.equal(clock.timers, 0);
});

test('a hub heard within the minute leaves no trace, and a jump of the wall clock is told', async () => {
  const { clock, stamps, told } = setup();
  await clock.advance(30_000);
  stamps.measured(clock.monotonic(), clock.monotonic(), clock.wall());
  clock.stepWall(3_600_000);
  await clock.advance(120_000);
  assert.deepEqual(told, ['stepped 3600000']);
});
