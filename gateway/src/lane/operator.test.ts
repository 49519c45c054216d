import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digest } from '@palang/contract/ids';
import { Bench } from './bench.js';

function codeOf(lane: Bench): string | undefined {
  const answer = lane.answers.at(-1)?.answer;
  return answer === undefined ? undefined : answer.ok ? answer.outcome : answer.code;
}

test('an operator opening is recorded before it is sent and answered when the device took it', () => {
  const lane = new Bench().connect();
  lane.gate('open', { duration: 5_000, command: 'c1' });
  assert.deepEqual(lane.just, ['operator_command', 'opening_commanded']);
  assert.equal(lane.effectsOf('send')[0]?.hold_open, 5_000);
  assert.equal(codeOf(lane), undefined);
  lane.sent();
  assert.equal(codeOf(lane), 'accepted');
});

test('an operator opening that nobody used is lowered after its duration', () => {
  const lane = new Bench().connect();
  lane.gate('open', { duration: 5_000 });
  lane.rise();
  lane.advance(4_999);
  assert.equal(lane.state.phase, 'open');
  lane.advance(1);
  assert.equal(lane.effectsOf('send').at(-1)?.operation, 'lower');
});

test('an opening that the device refuses has that outcome in the records', () => {
  const lane = new Bench().connect();
  lane.gate('open', { command: 'c1' });
  lane.sent('barrier_refused');
  assert.deepEqual(
    lane.of('operator_command').map(({ data }) => [data.command, data.outcome]),
    [
      ['c1', 'accepted'],
      ['c1', 'barrier_refused'],
    ],
  );
  assert.equal(codeOf(lane), 'lane_fault');
});

test('hold stays up until released, through passages, and outlasts an opening under way', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.rise();
  lane.gate('hold');
  assert.deepEqual(lane.just, ['operator_command', 'opening_commanded']);
  lane.sent();
  lane.drive();
  assert.deepEqual([lane.of('entry_passed').length, lane.state.phase], [1, 'heldOpen']);
  lane.drive();
  assert.equal(lane.of('tailgating').length, 0);
  lane.gate('release');
  assert.equal(lane.effectsOf('send').at(-1)?.operation, 'release');
  lane.arm('down');
  assert.equal(lane.state.phase, 'closed');
});

test('close releases a hold', () => {
  const lane = new Bench().connect();
  lane.gate('hold');
  lane.gate('close');
  assert.equal(lane.effectsOf('send').at(-1)?.operation, 'release');
});

const unseen: [title: string, arrange: (lane: Bench) => void, options?: Record<string, unknown>][] = [
  ['there is none', (lane) => lane.connect(), { evidence: 'armProven', sensors: { closing_loop: false } }],
  [
    'it is stuck',
    (lane) => lane.connect().feed({ kind: 'fault', fault: 'closing_loop_stuck', active: true, detail: '' }),
  ],
];
for (const [title, arrange, profile] of unseen) {
  test(`close without a working closing loop (${title}) answers lane_unseen and moves nothing`, () => {
    const lane = new Bench(profile === undefined ? {} : { profile });
    arrange(lane);
    lane.gate('close');
    assert.equal(codeOf(lane), 'lane_unseen');
    assert.equal(lane.effectsOf('send').length, 0);
    assert.equal(lane.of('operator_command')[0]?.data.outcome, 'lane_unseen');
  });
}

test('orders that change nothing say so', () => {
  const lane = new Bench().connect();
  for (const action of ['release', 'in_service'] as const) {
    lane.gate(action);
    assert.equal(codeOf(lane), 'nothing_to_do');
  }
});

test('out of service lets the transaction under way finish, then refuses until in service', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.gate('out_of_service');
  lane.rise().drive();
  lane.arm('down');
  assert.equal(lane.state.phase, 'outOfService');
  lane.loop('arming', true);
  lane.tap('CARD_002');
  assert.equal(lane.last?.ignored, 'out_of_service');
  lane.gate('in_service');
  assert.equal(lane.state.phase, 'vehiclePresent');
});

test('an operator who opens while a driver pays calls the charge off; money taken all the same is a credit', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.gate('open');
  assert.equal(lane.effectsOf('cancel').length, 1);
  lane.approve();
  assert.deepEqual(lane.just, ['payment_settled']);
  assert.equal(lane.state.opening?.cause, 'operator');
});

test('an operator helps an arm that stuck: the same passage, commanded again', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.gate('open');
  assert.equal(lane.of('entry_voided').length, 0);
  lane.rise().drive();
  assert.equal(lane.of('entry_passed').length, 1);
  assert.equal(lane.of('opening_commanded').length, 2);
});

test('a picture on demand is recorded with what became of it', () => {
  const lane = new Bench({ camera: true }).connect();
  const by = { command: 'c9', actor: 'Sari', reason: 'look' };
  lane.feed({ kind: 'capture', by });
  const digest = Digest.parse('ab'.repeat(32));
  lane.feed({ kind: 'photo', id: 'c9', photo: { digest, bytes: 10, at: 1 }, reason: '' });
  assert.deepEqual(lane.just, ['photo_taken', 'operator_command']);
  assert.deepEqual(lane.answers[0]?.answer, { ok: true, outcome: 'captured', detail: { digest, taken_at: 1 } });
});

test('a camera that is lost is a missed photo of its session and delays nothing', () => {
  const lane = new Bench({ camera: true }).withVehicle();
  lane.tap('CARD_001');
  const id = lane.state.photos[0]?.id ?? '';
  lane.feed({ kind: 'photo', id, photo: null, reason: 'camera_timeout' });
  const missed = lane.of('photo_missed')[0];
  assert.deepEqual([missed?.session, missed?.data.purpose], [lane.state.opening?.session?.id, 'entry']);
  assert.equal(lane.state.phase, 'opening');
});

test('without a camera a picture on demand is refused by name', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'capture', by: { command: 'c1', actor: 'Sari', reason: 'look' } });
  assert.equal(codeOf(lane), 'camera_offline');
});

test('an arm that comes down although it was held ends the hold, and the lane serves again', () => {
  const lane = new Bench().connect();
  lane.gate('hold');
  lane.arm('up');
  lane.arm('down');
  assert.deepEqual([lane.state.phase, lane.state.hold, lane.state.last?.result], ['closed', false, 'hold_lost']);
  assert.equal(lane.effectsOf('send').at(-1)?.operation, 'release');
});

test('a hold that was recorded and died before it was sent is over once the device says that nothing moved', () => {
  const lane = new Bench().connect();
  lane.gate('hold');
  lane.feed({ kind: 'restored' });
  lane.advance(500);
  lane.connect();
  assert.deepEqual([lane.state.phase, lane.state.hold], ['closed', false]);
});

test('a hold that the device took right after it returned is not taken for one that was lost', () => {
  const lane = new Bench().connect();
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  const { position, openings, levels } = lane.device;
  lane.feed({ kind: 'online', position, openings, levels });
  lane.mono += 1_999;
  lane.gate('hold');
  lane.advance(1);
  assert.deepEqual([lane.state.phase, lane.state.hold], ['heldOpen', true]);
  lane.arm('raising');
  lane.arm('up');
  lane.advance(3_600_000);
  assert.equal(lane.state.phase, 'heldOpen');
});

test('a hold that got no answer and moved nothing does not keep the lane shut', () => {
  const lane = new Bench().connect();
  lane.gate('hold');
  lane.sent('barrier_no_answer');
  lane.advance(10_000);
  assert.deepEqual([lane.state.phase, lane.state.faults], ['closed', ['raise_timeout']]);
});

test('an arm that left its lower end and was never seen up stays held', () => {
  const lane = new Bench().connect();
  lane.gate('hold');
  lane.arm('raising');
  lane.advance(10_000);
  assert.equal(lane.state.phase, 'heldOpen');
});

test('pictures that never come do not pile up: the seventeenth is missed by name', () => {
  const lane = new Bench({ camera: true }).connect();
  for (let i = 0; i < 17; i++) lane.feed({ kind: 'capture', by: { command: `c${i}`, actor: 'Sari', reason: 'look' } });
  assert.equal(lane.state.photos.length, 16);
  assert.equal(lane.of('operator_command').at(-1)?.data.outcome, 'camera_busy');
  assert.equal(codeOf(lane), 'camera_offline');
  lane.gate('open');
  assert.deepEqual(lane.of('photo_missed')[0]?.data, { purpose: 'operator', reason: 'camera_busy' });
});
