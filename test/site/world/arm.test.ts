import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../fakes/virtualClock.js';
import { Arm, type ArmFault } from './arm.js';

function scene({ obstructedBelow = -1 } = {}) {
  const clock = new VirtualClock();
  const arm = new Arm(clock, { changed: () => undefined, obstructed: (angle) => angle < obstructedBelow });
  return { clock, arm };
}

test('a short pulse raises the arm all the way in about a second and a half', () => {
  const { clock, arm } = scene();
  arm.pulse('raise');
  clock.advance(1_300);
  assert.ok(arm.angle > 60 && !arm.atUpperLimit);
  clock.advance(300);
  assert.deepEqual([arm.angle, arm.atUpperLimit, arm.atLowerLimit, arm.moving], [90, true, false, false]);
  assert.deepEqual([arm.raised, arm.lowered], [1, 0]);
  assert.equal(clock.pending, 0);
});

test('the opposite pulse reverses it, but it coasts on a little first', () => {
  const { clock, arm } = scene();
  arm.pulse('raise');
  clock.advance(700);
  const angle = arm.angle;
  arm.pulse('lower');
  clock.advance(100);
  assert.ok(arm.angle > angle, 'still rising');
  clock.advance(2_000);
  assert.equal(arm.angle, 0);
  assert.deepEqual([arm.raised, arm.lowered], [0, 0], 'half a way is no way');
});

for (const { fault, angle, upper, lower } of [
  { fault: 'relay_cut', angle: 0, upper: false, lower: true },
  { fault: 'blocked', angle: 0, upper: false, lower: true },
  { fault: 'upper_limit_dead', angle: 90, upper: false, lower: false },
  { fault: 'lower_limit_dead', angle: 90, upper: true, lower: false },
  { fault: 'broken', angle: 90, upper: true, lower: false },
] satisfies { fault: ArmFault; angle: number; upper: boolean; lower: boolean }[]) {
  test(`raised with the fault ${fault} it ends at ${angle} degrees`, () => {
    const { clock, arm } = scene();
    arm.setFault(fault, true);
    arm.pulse('raise');
    clock.advance(3_000);
    assert.deepEqual([arm.angle, arm.atUpperLimit, arm.atLowerLimit], [angle, upper, lower]);
    assert.equal(arm.broken, fault === 'broken');
  });
}

test('a motor that was blocked needs a new pulse', () => {
  const { clock, arm } = scene();
  arm.pulse('raise');
  clock.advance(500);
  arm.setFault('blocked', true);
  clock.advance(100);
  arm.setFault('blocked', false);
  const { angle } = arm;
  clock.advance(2_000);
  assert.equal(arm.angle, angle);
  arm.pulse('raise');
  clock.advance(2_000);
  assert.equal(arm.angle, 90);
});

test('coming down on something counts a hit and stops there', () => {
  const { clock, arm } = scene({ obstructedBelow: 40 });
  arm.pulse('raise');
  clock.advance(2_000);
  arm.pulse('lower');
  clock.advance(3_000);
  assert.equal(arm.hits, 1);
  assert.ok(arm.angle >= 40 && arm.angle < 42);
});
