import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Behaviour, type Sight, Vehicle, type VehicleOrder, type VehicleType } from './vehicle.js';
import { LAYOUT } from './wiring.js';

const TICK = 0.02;

function order(overrides: Partial<VehicleOrder> = {}): VehicleOrder {
  return {
    plate: 'B 1',
    type: 'car',
    card: { bits: 26, value: 1 },
    pays: 'approve',
    instrument: 'qris',
    behaviour: 'drive',
    ...overrides,
  };
}

/** Drives with an arm that follows `armAt` (degrees by milliseconds); returns the card moments and the end. */
function drive(vehicle: Vehicle, armAt: (ms: number) => number, untilMs: number, rearAhead = Number.POSITIVE_INFINITY) {
  const cards: number[] = [];
  let nowMs = 0;
  for (; nowMs < untilMs && vehicle.phase !== 'gone'; nowMs += TICK * 1_000) {
    const sight: Sight = { nowMs, armAngle: armAt(nowMs), rearAhead };
    vehicle.step(sight, TICK);
    if (vehicle.takesOutCard(nowMs)) cards.push(nowMs);
  }
  return { cards, nowMs };
}

for (const { behaviour, arm, left, phase } of [
  { behaviour: 'drive', arm: (ms: number) => (ms > 3_000 ? 90 : 0), left: 'through', phase: 'gone' },
  { behaviour: 'drive', arm: () => 0, left: 'backwards', phase: 'gone' },
  { behaviour: 'drive', arm: () => 80, left: 'backwards', phase: 'gone' },
  { behaviour: 'back_out', arm: (ms: number) => (ms > 3_000 ? 90 : 0), left: 'backwards', phase: 'gone' },
  { behaviour: 'back_out', arm: () => 0, left: 'backwards', phase: 'gone' },
  { behaviour: 'stay_under_arm', arm: (ms: number) => (ms > 3_000 ? 90 : 0), left: undefined, phase: 'staying' },
  { behaviour: 'tailgate', arm: (ms: number) => (ms > 3_000 ? 65 : 0), left: 'through', phase: 'gone' },
  { behaviour: 'tailgate_closely', arm: () => 65, left: 'through', phase: 'gone' },
] satisfies { behaviour: Behaviour; arm: (ms: number) => number; left: string | undefined; phase: string }[]) {
  test(`${behaviour} with the arm at ${arm(0)} and then ${arm(9_000)} degrees ends ${phase} ${left ?? ''}`, () => {
    const vehicle = new Vehicle('v1', order({ behaviour }));
    drive(vehicle, arm, 90_000);
    assert.deepEqual({ left: vehicle.left, phase: vehicle.phase }, { left, phase });
  });
}

for (const type of ['car', 'motorcycle', 'truck', 'bus'] satisfies VehicleType[]) {
  test(`a ${type} waits on the arming loop and clear of the closing loop`, () => {
    const vehicle = new Vehicle('v1', order({ type }));
    const { cards } = drive(vehicle, () => 0, 5_000);
    assert.equal(vehicle.phase, 'waiting');
    assert.ok(vehicle.covers(LAYOUT.armingLoop));
    assert.ok(!vehicle.covers(LAYOUT.closingLoop));
    assert.equal(cards.length, 1, 'the card is shown once');
  });
}

test('an impatient minute: the driver backs out 60 s after stopping', () => {
  const vehicle = new Vehicle('v1', order());
  const { nowMs } = drive(vehicle, () => 0, 90_000);
  assert.ok(nowMs > 60_000 && nowMs < 64_000, `gone after ${nowMs} ms`);
});

test('who finds the arm up waits for it to close, or three seconds', () => {
  const vehicle = new Vehicle('v1', order());
  const { nowMs } = drive(vehicle, () => 90, 20_000);
  assert.equal(vehicle.left, 'through');
  assert.ok(nowMs > 3_000, `gone after ${nowMs} ms`);
});

test('a queue keeps its distance and the tailgater less of it', () => {
  const first = new Vehicle('v1', order());
  const second = new Vehicle('v2', order(), first.rear);
  const third = new Vehicle('v3', order({ behaviour: 'tailgate_closely' }), second.rear);
  for (const vehicle of [second, third]) assert.ok(vehicle.front <= LAYOUT.appearAt - 1);
  drive(second, () => 0, 2_000, 0.5);
  assert.ok(Math.abs(second.front - -0.5) < 0.01, `second at ${second.front}`);
  drive(third, () => 0, 6_000, 0.5);
  assert.ok(Math.abs(third.front - 0.1) < 0.01, `third at ${third.front}`);
});

test('an arm that comes down again stops the one who was about to go', () => {
  const vehicle = new Vehicle('v1', order());
  drive(vehicle, (ms) => (ms > 3_000 && ms < 3_100 ? 90 : 0), 8_000);
  assert.equal(vehicle.phase, 'passing');
  assert.ok(vehicle.front < LAYOUT.arm);
});
