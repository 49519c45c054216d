import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../testing/manualClock.js';
import { codeOf, Place } from './testing/place.js';

test('killed between the record and the raise: nothing moved, so the entry is voided', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.barrier.send = async () => new Promise(() => undefined);
  place.tap('CARD_001');
  await settle();
  assert.equal(place.disk.of('opening_commanded').length, 1);
  await place.crash();
  assert.equal(place.disk.of('entry_voided')[0]?.data.reason, 'not_raised');
  assert.deepEqual(place.barrier.operations, ['lower'], 'no second raise for an old approval');
  assert.equal(place.sessions.size, 0);
});

test('killed before the record was durable: it never happened', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.journal.mood = 'held';
  place.tap('CARD_001');
  await settle();
  assert.deepEqual(place.barrier.sent, []);
  await place.crash();
  assert.deepEqual(place.disk.kinds, []);
  place.sessions.clear();
  place.tap('CARD_001');
  await settle();
  assert.deepEqual(place.disk.kinds.slice(0, 2), ['entry_approved', 'opening_commanded']);
});

test('killed between the raise and the passage: the car under the open arm keeps its session', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  await place.rise();
  place.loop('closing', true);
  await settle();
  await place.crash();
  place.connect('up');
  assert.equal(place.lane.snapshot().state, 'passing');
  await place.drive();
  assert.deepEqual([place.disk.of('entry_passed').length, place.disk.of('entry_voided').length], [1, 0]);
});

test('killed with the arm up: the passage that the device tells afterwards counts once', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  await place.rise();
  await place.crash(() => {
    place.loops.now = { arming: false, closing: false };
  });
  assert.equal(place.disk.of('entry_passed').length, 1);
  assert.equal(place.lane.snapshot().state, 'closed');
});

test('what the device repeats after the restart is acknowledged and not done again', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true, place.receipt(0xffff));
  place.tap('CARD_001', place.receipt(0));
  await settle();
  await place.crash();
  place.acknowledged.length = 0;
  place.tap('CARD_001', place.receipt(0));
  place.loop('arming', true, place.receipt(0xffff));
  await settle();
  assert.deepEqual(place.acknowledged, [0, 0xffff]);
  assert.equal(place.disk.of('entry_approved').length, 1);
  place.sessions.clear();
  place.tap('CARD_001', place.receipt(1));
  await settle();
  assert.equal(place.disk.of('entry_approved').length, 2, 'a new presentation is a new one');
});

test('a new stream of the device begins anew', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true, place.receipt(500));
  await settle();
  await place.crash();
  place.tap('CARD_001', place.receipt(1, 6));
  await settle();
  assert.equal(place.disk.of('entry_approved').length, 1);
});

test('killed while the driver pays: the terminal is asked first, its approval opens, nobody pays twice', async (t) => {
  const place = await Place.exit(t);
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  const [key = ''] = place.terminal.open.keys();
  await place.crash(() => place.terminal.approve(key, 8_000));
  assert.deepEqual(place.terminal.asked, [`charge ${key} 8000`, `resolve ${key}`]);
  assert.equal(place.disk.of('payment_settled').length, 1);
  place.tap('CARD_001');
  await settle();
  assert.deepEqual([place.disk.of('exit_approved').length, place.barrier.operations], [1, ['raise']]);
  assert.equal(place.terminal.asked.length, 2);
});

test('an outcome that the terminal cannot tell yet is asked for until it can', async (t) => {
  const place = await Place.exit(t);
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  const [key = ''] = place.terminal.open.keys();
  place.terminal.offline = true;
  await place.crash();
  await place.pass(10_000);
  place.tap('CARD_001');
  await settle();
  assert.deepEqual(place.terminal.asked.filter((line) => line.startsWith('charge')).length, 1);
  assert.deepEqual(place.lane.snapshot().faults, ['payment_unresolved']);
  place.terminal.offline = false;
  place.terminal.approve(key, 8_000);
  await place.pass(2_000);
  assert.deepEqual(place.barrier.operations, ['raise']);
  assert.deepEqual(place.lane.snapshot().faults, []);
});

test('held open and out of service outlast a restart', async (t) => {
  const place = await Place.open(t);
  assert.equal(codeOf(await place.order({ op: 'gate', action: 'out_of_service', duration: 0 })), 'accepted');
  await place.crash();
  assert.equal(place.lane.snapshot().state, 'outOfService');
  place.loop('arming', true);
  assert.equal(codeOf(await place.order({ op: 'entry', credential: 'CARD_001', plate: null })), 'out_of_service');
});

test('a stored state that cannot be read is told, and the lane begins afresh', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  await settle();
  for (const row of place.disk.lanes.values()) row.state = '{"v":99}';
  await place.crash();
  assert.deepEqual(place.logged.splice(0), ['lane state not restored']);
  assert.equal(place.lane.snapshot().state, 'vehiclePresent');
});
