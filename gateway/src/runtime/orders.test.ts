import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from '../lane/bench.js';
import { settle } from '../testing/manualClock.js';
import { codeOf, Place } from './testing/place.js';

const entry = (credential: string, plate: string | null = null) => ({ op: 'entry', credential, plate }) as const;

test('of ten simultaneous entries of one card exactly one is approved', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  const results = await Promise.all(Array.from({ length: 10 }, () => place.order(entry('CARD_001'))));
  const codes = results.map(codeOf);
  assert.equal(codes.filter((code) => code === 'approved').length, 1);
  assert.equal(codes.filter((code) => code === 'lane_busy').length, 9);
  assert.equal(place.disk.of('entry_approved').length, 1);
  assert.deepEqual(place.barrier.operations, ['raise']);
});

test('an entry order answers with the session once the decision is on the disk', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.journal.mood = 'held';
  let answered = false;
  const order = place.order(entry('CARD_001', 'b 1234 xyz')).finally(() => {
    answered = true;
  });
  await settle();
  assert.equal(answered, false);
  place.journal.release();
  const result = await order;
  const [session] = place.sessions.values();
  assert.deepEqual(result.ok && result.detail, { session: session?.id, card_id: 'CARD_001', gate_id: 'gate_in' });
  assert.equal(session?.plate, 'B1234XYZ');
});

test('a command that is repeated is carried out once and answered the same', async (t) => {
  const place = await Place.open(t);
  const open = { op: 'gate', action: 'open', duration: 0 } as const;
  const [first, second] = await Promise.all([place.order(open, 'same'), place.order(open, 'same')]);
  assert.deepEqual(first, second);
  assert.deepEqual(await place.order(open, 'same'), first);
  assert.deepEqual(place.barrier.operations, ['raise']);
});

const entries: [title: string, admit: boolean, credential: string, expected: string][] = [
  ['an unknown label where unknown ones are admitted', true, 'NEW_CARD', 'approved'],
  ['an unknown label where they are not', false, 'NEW_CARD', 'unknown_credential'],
  ['a credential instead of a label', false, 'w26:001', 'approved'],
  ['neither a label nor a credential', true, 'no such thing!', 'bad_request'],
];
for (const [title, admit_unknown, credential, expected] of entries) {
  test(`an entry order with ${title} is answered ${expected}`, async (t) => {
    const place = await Place.open(t);
    place.settings = { ...settings, admit_unknown };
    place.loop('arming', true);
    assert.equal(codeOf(await place.order(entry(credential))), expected);
  });
}

test('an entry order without a vehicle, and one while the device is away, are told apart', async (t) => {
  const place = await Place.open(t);
  assert.equal(codeOf(await place.order(entry('CARD_001'))), 'no_vehicle');
  place.barrier.now = { ...place.barrier.now, online: false };
  place.barrier.listener?.offline('unplugged');
  assert.equal(codeOf(await place.order(entry('CARD_001'))), 'lane_fault');
});

test('a gate order is answered by what the device said', async (t) => {
  const place = await Place.open(t);
  place.barrier.failure = 'barrier_refused';
  assert.equal(codeOf(await place.order({ op: 'gate', action: 'open', duration: 0 })), 'lane_fault');
  assert.deepEqual(
    place.disk.of('operator_command').map(({ data }) => data.outcome),
    ['accepted', 'barrier_refused'],
  );
});

test('an order that its device never answers is answered within five seconds', async (t) => {
  const place = await Place.open(t);
  place.camera.capture = () => new Promise(() => undefined);
  const order = place.order({ op: 'capture' });
  await place.pass(4_800);
  assert.equal(codeOf(await order), 'gateway_timeout');
});

test('a lane that has stopped is not ready', async (t) => {
  const place = await Place.open(t);
  await place.lane.stop();
  assert.equal(codeOf(await place.order(entry('CARD_001'))), 'not_ready');
});

test('a picture on demand is stored, recorded and named in the answer', async (t) => {
  const place = await Place.open(t);
  const result = await place.order({ op: 'capture' });
  assert.deepEqual(result.ok && result.detail, { digest: 'cd'.repeat(32), taken_at: place.clock.wall() });
  assert.equal(place.disk.of('operator_command')[0]?.data.outcome, 'captured');
});

test('a dead camera is a missed photo and delays no entry', async (t) => {
  const place = await Place.open(t);
  place.camera.dead = true;
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  assert.deepEqual(place.barrier.operations, ['raise']);
  assert.equal(place.disk.of('photo_missed')[0]?.data.reason, 'camera_offline');
  assert.equal(codeOf(await place.order({ op: 'capture' })), 'camera_offline');
});

test('an exit by cash is settled, and the car leaves', async (t) => {
  const place = await Place.exit(t);
  place.loop('arming', true);
  assert.equal(codeOf(await place.order({ op: 'exit', credential: 'CARD_001', method: 'cash' })), 'settled');
  await place.rise();
  await place.drive();
  assert.equal(place.disk.of('exit_passed').length, 1);
  assert.equal(place.sessions.size, 0);
});

test('an exit by e-money awaits the terminal; cash meanwhile makes it let go', async (t) => {
  const place = await Place.exit(t);
  place.loop('arming', true);
  const exit = { op: 'exit', credential: 'CARD_001' } as const;
  assert.equal(codeOf(await place.order({ ...exit, method: 'emoney' })), 'awaiting_payment');
  assert.equal(place.lane.snapshot().awaiting?.amount, 8_000);
  assert.equal(codeOf(await place.order({ ...exit, method: 'cash' })), 'settled');
  assert.equal(place.disk.of('payment_settled')[0]?.data.method, 'cash');
});

test('changes are told at once, then at most every 100 ms, and the last one always', async (t) => {
  const place = await Place.open(t);
  await place.pass(200);
  let told = 0;
  const stop = place.lane.onChange(() => told++);
  for (let i = 0; i < 20; i++) place.barrier.listener?.status(place.barrier.now);
  assert.equal(told, 1);
  await place.pass(100);
  assert.equal(told, 2);
  await place.pass(1_000);
  assert.equal(told, 2);
  stop();
});
