import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correctedWall, stay } from '@palang/contract/instant';
import { ManualClock } from '../testing/manualClock.js';
import { SystemStamps } from './stamps.js';

function setup(overrides: { boot?: string; synchronised?: boolean } = {}) {
  const clock = new ManualClock();
  const steps: number[] = [];
  const stamps = new SystemStamps({
    clock,
    boot: overrides.boot ?? '00000000000000aa',
    synchronised: () => overrides.synchronised ?? false,
    stepped: (by) => steps.push(by),
  });
  return { clock, stamps, steps };
}

test('a clock that nobody has set says so', () => {
  const { quality, offset, uncertainty } = setup().stamps.now();
  assert.deepEqual({ quality, offset, uncertainty }, { quality: 'free', offset: null, uncertainty: null });
});

test('an exchange with the hub gives its time, half the round trip as doubt, and drift with age', async () => {
  const { clock, stamps } = setup();
  const sent = clock.monotonic();
  await clock.advance(40);
  stamps.measured(sent, clock.monotonic(), clock.wall() + 3_600_000 - 20);
  const first = stamps.now();
  assert.equal(first.quality, 'hub');
  assert.equal(correctedWall(first) - clock.wall(), 3_600_000);
  assert.equal(first.uncertainty, 20);
  await clock.advance(100_000);
  assert.equal(Math.round(stamps.now().uncertainty ?? 0), 30);
});

test('a worse measurement does not replace a better one until that has grown old', async () => {
  const { clock, stamps } = setup();
  stamps.measured(clock.monotonic() - 2, clock.monotonic(), clock.wall());
  const offset = stamps.now().offset;
  stamps.measured(clock.monotonic() - 1_000, clock.monotonic(), clock.wall());
  assert.equal(stamps.now().offset, offset);
  await clock.advance(6_000_000);
  stamps.measured(clock.monotonic() - 1_000, clock.monotonic(), clock.wall());
  assert.equal(stamps.now().uncertainty, 500);
});

test('when the wall clock jumps the hub time stays right, and the jump is told once', async () => {
  const { clock, stamps, steps } = setup();
  stamps.measured(clock.monotonic(), clock.monotonic(), clock.wall());
  const before = correctedWall(stamps.now());
  await clock.advance(1_000);
  stamps.check();
  clock.stepWall(-7_200_000);
  stamps.check();
  stamps.check();
  assert.equal(correctedWall(stamps.now()) - before, 1_000);
  assert.deepEqual(steps, [-7_200_000]);
});

test('a stay across a restart of the gateway in one boot of the machine is certain, whatever the wall clock did', async () => {
  const { clock, stamps } = setup();
  const entry = stamps.now();
  await clock.advance(600_000);
  clock.stepWall(86_400_000);
  const restarted = new SystemStamps({ clock, boot: stamps.boot, synchronised: () => false, stepped: () => undefined });
  assert.deepEqual(stay(entry, restarted.now()), { duration: 600_000, shortest: 600_000, certain: true });
});
