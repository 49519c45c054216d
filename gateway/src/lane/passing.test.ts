import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './bench.js';

function opened(profile: Record<string, unknown> = {}): Bench {
  const lane = new Bench({ profile, camera: true }).withVehicle();
  lane.tap('CARD_001');
  return lane.rise();
}

function voidReasons(lane: Bench): string[] {
  return lane.of('entry_voided').map(({ data }) => data.reason);
}

test('a vehicle that backs out under the open arm is voided and the arm comes down', () => {
  const lane = opened();
  lane.loop('arming', false);
  lane.advance(2_000);
  assert.deepEqual(voidReasons(lane), ['back_out']);
  assert.equal(lane.effectsOf('send').at(-1)?.operation, 'lower');
  assert.equal(lane.effectsOf('gone').length, 1);
  lane.arm('down');
  assert.equal(lane.state.phase, 'closed');
  assert.deepEqual(lane.of('entry_passed'), []);
});

test('a vehicle that backs out before the arm is up is voided once', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.loop('arming', false);
  lane.advance(2_000);
  lane.rise();
  lane.arm('down');
  assert.deepEqual(voidReasons(lane), ['back_out']);
  assert.equal(lane.state.phase, 'closed');
});

test('a motorcycle that is on neither loop for a moment has not backed out', () => {
  const lane = opened();
  lane.loop('arming', false);
  lane.advance(1_900);
  lane.loop('closing', true);
  lane.loop('closing', false);
  assert.deepEqual([voidReasons(lane), lane.of('entry_passed').length], [[], 1]);
});

test('a vehicle that touched the closing loop and reversed off both is voided', () => {
  const lane = opened();
  lane.loop('closing', true);
  lane.loop('closing', false);
  lane.loop('arming', false);
  assert.deepEqual(voidReasons(lane), ['back_out']);
  lane.arm('down');
  assert.deepEqual(lane.of('entry_passed'), []);
});

test('a vehicle that passes after it was taken for backed out has passed all the same', () => {
  const lane = opened();
  lane.loop('arming', false);
  lane.advance(2_000);
  lane.loop('closing', true);
  lane.loop('closing', false);
  assert.deepEqual([voidReasons(lane), lane.of('entry_passed').length], [['back_out'], 1]);
  assert.equal(lane.sessions.size, 1, 'the replica knows it again');
});

test('an opening that nobody used is lowered, and voided once the arm is down', () => {
  const lane = opened();
  lane.advance(20_000);
  assert.equal(lane.effectsOf('send').at(-1)?.operation, 'lower');
  assert.deepEqual(voidReasons(lane), []);
  lane.arm('down');
  assert.deepEqual(voidReasons(lane), ['unused']);
  assert.equal(lane.state.phase, 'vehiclePresent');
});

test('a vehicle that drives off while the unused arm comes down has passed', () => {
  const lane = opened();
  lane.advance(20_000);
  lane.arm('lowering');
  lane.loop('closing', true);
  lane.arm('raising');
  lane.arm('up');
  lane.loop('arming', false);
  lane.loop('closing', false);
  lane.arm('down');
  assert.deepEqual([voidReasons(lane), lane.of('entry_passed').length], [[], 1]);
});

test('a second vehicle under one opening is tailgating, with a photo and a provisional session', () => {
  const lane = opened();
  lane.drive();
  lane.advance(100);
  lane.loop('closing', true);
  const behind = lane.of('entry_passed')[0]?.session;
  assert.deepEqual(lane.of('tailgating')[0]?.data, { direction: 'in', behind, vehicle_class: 'car' });
  const provisional = [...lane.sessions.values()].find((session) => session.provisional);
  const named = lane.records.find(({ draft }) => draft.kind === 'tailgating');
  assert.equal(provisional?.id, `gw-test:00000000000000ee:${named?.seq}`);
  assert.equal(lane.state.photos.at(-1)?.session, provisional?.id);
  lane.loop('closing', false);
  lane.arm('down');
  assert.equal(lane.of('entry_passed').length, 1);
});

test('a trailer follows closer than a second vehicle can', () => {
  const lane = opened();
  lane.drive();
  lane.advance(99);
  lane.loop('closing', true);
  lane.advance(500);
  lane.loop('closing', false);
  lane.arm('down');
  assert.deepEqual([lane.of('tailgating').length, lane.of('entry_passed').length], [0, 1]);
});

test('a vehicle under an operator opening is seen, and makes no session', () => {
  const lane = new Bench().withVehicle();
  lane.gate('open');
  lane.rise().drive();
  lane.arm('down');
  assert.deepEqual(lane.kinds, ['operator_command', 'opening_commanded', 'arm_opened', 'arm_up', 'arm_down']);
  assert.equal(lane.state.phase, 'closed');
});

test('a passage under a closed arm is ignored by name, one under an arm that nobody opened is tailgating', () => {
  const lane = new Bench().connect();
  lane.loop('closing', true);
  assert.equal(lane.last?.ignored, 'passage_while_closed');
  lane.loop('closing', false);
  lane.arm('up');
  lane.loop('closing', true);
  assert.equal(lane.of('tailgating')[0]?.data.behind, null);
});

test('an arm that does not rise in time voids the entry, raises a fault and tells the driver', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.sent();
  lane.advance(10_000);
  assert.deepEqual(voidReasons(lane), ['not_raised']);
  assert.deepEqual(
    [lane.state.faults, lane.state.phase, lane.state.last?.result],
    [['raise_timeout'], 'denied', 'not_raised'],
  );
  lane.advance(3_000);
  lane.tap('CARD_001');
  lane.rise();
  assert.deepEqual(lane.state.faults, [], 'the next arm that rises clears the fault');
});

const failures: [failure: string, voided: string[]][] = [
  ['barrier_refused', ['not_raised']],
  ['barrier_offline', ['not_raised']],
  ['barrier_no_answer', []],
];
for (const [failure, voided] of failures) {
  test(`a raise that fails with ${failure} ${voided.length > 0 ? 'voids at once' : 'waits for what the arm does'}`, () => {
    const lane = new Bench().withVehicle();
    lane.tap('CARD_001');
    lane.sent(failure);
    assert.deepEqual(voidReasons(lane), voided);
  });
}

test("the board's own raise fault voids without waiting longer", () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.feed({ kind: 'fault', fault: 'raise_timeout', active: true, detail: 'arm blocked' });
  assert.deepEqual(voidReasons(lane), ['not_raised']);
  assert.equal(lane.of('fault_raised').length, 1);
});

test('without a closing loop the passage is as proven as the profile says', () => {
  const lane = opened({ evidence: 'armProven', sensors: { closing_loop: false } });
  lane.loop('arming', false);
  assert.equal(lane.of('entry_passed')[0]?.data.evidence, 'armProven');
});

test('without any proof the accepted pulse and the vehicle leaving have to do', () => {
  const profile = { evidence: 'pulseSent', closer: 'self', sensors: { closing_loop: false, limit_switches: false } };
  const lane = new Bench({ profile }).withVehicle();
  lane.tap('CARD_001');
  lane.sent();
  assert.equal(lane.state.phase, 'open');
  lane.loop('arming', false);
  assert.equal(lane.of('entry_passed')[0]?.data.evidence, 'pulseSent');
  lane.advance(5_000);
  assert.equal(lane.state.phase, 'closed');
  assert.equal(lane.effectsOf('send').length, 1, 'nobody can ask this barrier to close');
});

test('the next in the queue, who taps and backs out, does not take the passage of the one before with him', () => {
  const lane = opened();
  lane.loop('closing', true);
  lane.tap('CARD_002');
  lane.loop('closing', false);
  lane.loop('arming', false);
  lane.arm('down');
  assert.deepEqual([voidReasons(lane), lane.of('entry_passed').length], [[], 1]);
  assert.equal(lane.of('entry_approved').length, 1);
});
