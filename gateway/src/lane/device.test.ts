import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './bench.js';

test('faults are recorded once when raised and once when cleared', () => {
  const lane = new Bench().connect();
  for (const active of [true, true, false, false]) {
    lane.feed({ kind: 'fault', fault: 'open_too_long', active, detail: 'x' });
  }
  assert.deepEqual(lane.kinds, ['fault_raised', 'fault_cleared']);
});

test('a device that is lost and returns is one fault', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  lane.entryOrder('CARD_001', 'o1');
  assert.equal(lane.last?.ignored, 'lane_fault');
  lane.connect();
  assert.deepEqual(lane.kinds, ['fault_raised', 'fault_cleared']);
});

test('a device that never answers after a start is a fault', () => {
  const lane = new Bench();
  lane.feed({ kind: 'restored' });
  lane.advance(5_000);
  assert.deepEqual(lane.state.faults, ['board_offline']);
});

test('an opening that nobody commanded is recorded, and shown until the next opening of ours', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'opened', openings: 8, commanded: false });
  assert.deepEqual(lane.of('arm_opened')[0]?.data, { openings: 8, expected: false, by: 1 });
  assert.deepEqual(lane.state.faults, ['unexplained_opening']);
  lane.gate('open');
  assert.deepEqual(lane.state.faults, []);
});

test('an unexplained opening clears by itself after ten minutes', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'opened', openings: 8, commanded: false });
  lane.advance(600_000);
  assert.deepEqual(lane.kinds, ['arm_opened', 'fault_raised', 'fault_cleared']);
});

test('openings that happened while nobody listened are found in the counter', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  lane.device = { ...lane.device, openings: 10 };
  lane.connect();
  assert.deepEqual(lane.of('arm_opened')[0]?.data, { openings: 10, expected: false, by: 3 });
});

test('openings that the device tells late are explained, not found twice', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  lane.device = { ...lane.device, openings: 8 };
  const { position, openings, levels } = lane.device;
  lane.feed({ kind: 'online', position, openings, levels });
  lane.feed({ kind: 'opened', openings: 8, commanded: true });
  lane.advance(2_000);
  assert.deepEqual(
    lane.of('arm_opened').map(({ data }) => data),
    [{ openings: 8, expected: true, by: 1 }],
  );
});

test('an opening under way whose message is still to come is not taken for an unexplained one', () => {
  const lane = new Bench().withVehicle();
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  const { position, openings, levels } = lane.device;
  lane.feed({ kind: 'online', position, openings, levels });
  lane.mono += 1_999;
  lane.tap('CARD_001');
  lane.device = { ...lane.device, openings: 8 };
  lane.advance(1);
  lane.feed({ kind: 'opened', openings: 8, commanded: true });
  assert.deepEqual(
    lane.of('arm_opened').map(({ data }) => data.expected),
    [true],
  );
});

test('a gap in the counter before a commanded opening is told apart from it', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'opened', openings: 9, commanded: true });
  assert.deepEqual(
    lane.of('arm_opened').map(({ data }) => [data.openings, data.expected]),
    [
      [8, false],
      [9, true],
    ],
  );
});

test('a counter that went back (another board) is an unexplained opening too', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'offline', reason: 'swapped' });
  lane.device = { ...lane.device, openings: 1 };
  lane.connect();
  assert.deepEqual(lane.state.faults, ['unexplained_opening']);
});

test('a raise that was never sent before the restart is voided once the device says that nothing moved', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.mono += 900;
  lane.feed({ kind: 'restored' });
  lane.connect();
  assert.equal(lane.of('entry_voided')[0]?.data.reason, 'not_raised');
  assert.equal(lane.sessions.size, 0);
});

test('a raise that was sent right after the device returned is not taken for one that was lost', () => {
  const lane = new Bench().withVehicle();
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  const { position, openings, levels } = lane.device;
  lane.feed({ kind: 'online', position, openings, levels });
  lane.mono += 100;
  lane.tap('CARD_001');
  lane.sent();
  lane.advance(2_500);
  assert.equal(lane.state.phase, 'opening');
});

test('a raise that moved the arm before the restart goes on', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.feed({ kind: 'restored' });
  lane.device = { ...lane.device, position: 'up', openings: 8 };
  const { position, openings, levels } = lane.device;
  lane.feed({ kind: 'online', position, openings, levels });
  lane.feed({ kind: 'opened', openings: 8, commanded: true });
  lane.advance(2_000);
  assert.equal(lane.state.phase, 'open');
  lane.drive();
  lane.arm('down');
  assert.equal(lane.of('entry_passed').length, 1);
});

test('a passage that the device tells late, after a restart, is the passage of its session', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.rise();
  lane.feed({ kind: 'restored' });
  lane.device = { position: 'down', openings: 8, levels: { arming: false, closing: false } };
  const { position, openings, levels } = lane.device;
  lane.feed({ kind: 'online', position, openings, levels });
  lane.feed({ kind: 'loop', loop: 'closing', occupied: true });
  lane.feed({ kind: 'loop', loop: 'arming', occupied: false });
  lane.feed({ kind: 'loop', loop: 'closing', occupied: false });
  lane.feed({ kind: 'position', position: 'down' });
  lane.advance(2_000);
  assert.equal(lane.of('entry_passed')[0]?.data.evidence, 'passageProven');
  assert.equal(lane.state.phase, 'closed');
});

const unwatched: [title: string, arming: boolean, expected: string][] = [
  ['is gone has passed, as far as the arm proves', false, 'entry_passed'],
  ['is still there has not used its opening', true, 'entry_voided'],
];
for (const [title, arming, expected] of unwatched) {
  test(`a vehicle that ${title} when the arm came down unwatched`, () => {
    const lane = new Bench().withVehicle();
    lane.tap('CARD_001');
    lane.rise();
    lane.feed({ kind: 'restored' });
    lane.device = { ...lane.device, position: 'down', levels: { arming, closing: false } };
    lane.connect();
    assert.ok(lane.kinds.includes(expected));
    if (!arming) assert.equal(lane.of('entry_passed')[0]?.data.evidence, 'armProven');
    assert.equal(lane.of('entry_passed').length + lane.of('entry_voided').length, 1);
  });
}

test('a car under the arm at the restart keeps its session', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.rise();
  lane.loop('closing', true);
  lane.feed({ kind: 'restored' });
  lane.connect();
  assert.equal(lane.state.phase, 'passing');
  lane.loop('arming', false);
  lane.loop('closing', false);
  lane.arm('down');
  assert.deepEqual([lane.of('entry_passed').length, lane.of('entry_voided').length], [1, 0]);
});

test('a charge under way at the restart is resolved before anything else, and its approval opens', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.feed({ kind: 'restored' });
  assert.deepEqual(lane.just, ['payment_failed', 'fault_raised']);
  assert.equal(lane.effects.filter(({ kind }) => kind === 'resolve').length, 1);
  lane.connect();
  lane.approve();
  assert.deepEqual(lane.just, ['fault_cleared', 'payment_settled', 'exit_approved', 'opening_commanded']);
});

test('pictures under way at the restart are missed by name', () => {
  const lane = new Bench({ camera: true }).withVehicle();
  lane.tap('CARD_001');
  lane.feed({ kind: 'restored' });
  assert.equal(lane.of('photo_missed')[0]?.data.reason, 'gateway_restarted');
});

test('a timer that was stopped and fires all the same is ignored', () => {
  const lane = new Bench().connect();
  lane.fire('rise');
  assert.equal(lane.last?.ignored, 'timer_stopped');
});

for (const fault of ['closing_loop_stuck', 'journal_slow', 'clock_uncertain'] as const) {
  test(`${fault}, raised before a restart, is not believed after it: who knows raises it again`, () => {
    const lane = new Bench().connect();
    lane.feed({ kind: 'fault', fault, active: true, detail: 'x' });
    lane.feed({ kind: 'restored' });
    lane.connect();
    assert.deepEqual(lane.state.faults, []);
    assert.deepEqual(lane.kinds, ['fault_raised', 'fault_cleared']);
    lane.feed({ kind: 'fault', fault, active: true, detail: 'x' });
    assert.deepEqual(lane.state.faults, [fault]);
  });
}
