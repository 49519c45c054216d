import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settle } from '../testing/manualClock.js';
import { Place } from './testing/place.js';

test('the record of an opening is on the disk before the raise leaves', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  let then: string[] = [];
  place.barrier.onSend = () => {
    then = place.disk.kinds;
  };
  place.journal.mood = 'held';
  place.tap('CARD_001');
  await place.pass(100);
  assert.deepEqual(place.barrier.operations, []);
  place.journal.release();
  await settle();
  assert.deepEqual(place.barrier.operations, ['raise']);
  assert.deepEqual(then.slice(0, 2), ['entry_approved', 'opening_commanded']);
  const [opening] = place.disk.of('opening_commanded');
  assert.equal(opening?.data.board_sequence, place.barrier.sent[0]?.command.sequence);
});

test('a sick disk keeps a driver waiting for 250 ms at most; the fault latches, the records follow', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.journal.mood = 'held';
  const tapped = place.clock.monotonic();
  place.tap('CARD_001');
  await place.pass(249);
  assert.deepEqual(place.barrier.operations, []);
  await place.pass(1);
  assert.equal(place.barrier.sent[0]?.at, tapped + 250);
  assert.deepEqual(place.lane.snapshot().faults, ['journal_slow']);
  await place.rise();
  await place.drive();
  place.loop('arming', true);
  place.tap('CARD_002');
  await settle();
  assert.equal(place.barrier.sent.length, 2, 'later taps do not wait');
  assert.ok(!place.disk.kinds.includes('entry_approved'));
  place.journal.release();
  await settle();
  assert.equal(place.disk.of('entry_approved').length, 2);
});

test('the storage fault clears by itself once records are on the disk in time again', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.journal.mood = 'held';
  place.tap('CARD_001');
  await place.pass(250);
  place.journal.release();
  await place.rise();
  await place.drive();
  await settle();
  assert.deepEqual(place.lane.snapshot().faults, []);
  assert.deepEqual(
    place.disk.kinds.filter((kind) => kind.startsWith('fault')),
    ['fault_raised', 'fault_cleared'],
  );
});

test('a paid exit waits for its record for up to a second', async (t) => {
  const place = await Place.exit(t);
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  place.journal.mood = 'held';
  const [key] = place.terminal.open.keys();
  place.terminal.approve(key ?? '', 8_000);
  await place.pass(999);
  assert.deepEqual(place.barrier.operations, []);
  await place.pass(1);
  assert.deepEqual(place.barrier.operations, ['raise']);
});

test('a disk that refuses does not trap the driver', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  place.journal.mood = 'failing';
  place.tap('CARD_001');
  await settle();
  assert.deepEqual(place.barrier.operations, ['raise']);
  assert.ok(place.lane.snapshot().faults.includes('journal_slow'));
  place.journal.mood = 'now';
});

test('a raise that waited for the disk while its vehicle backed out is not sent any more', async (t) => {
  const place = await Place.exit(t);
  place.loop('arming', true);
  place.journal.mood = 'held';
  const paid = place.order({ op: 'exit', credential: 'CARD_001', method: 'cash' });
  place.lane.fault('raise_timeout', true, 'the board gave up');
  place.journal.release();
  await settle();
  assert.equal((await paid).ok, true);
  assert.deepEqual(place.barrier.operations, ['lower']);
});

test('a device message is acknowledged once what follows from it is durable, and in order', async (t) => {
  const place = await Place.open(t);
  place.journal.mood = 'held';
  place.loop('arming', true, place.receipt(41));
  place.loop('arming', true, place.receipt(42));
  await settle();
  assert.deepEqual(place.acknowledged, []);
  place.journal.release();
  await settle();
  assert.deepEqual(place.acknowledged, [41, 42]);
});

test('a device that repeats what is not acknowledged does not bring it about twice', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true, place.receipt(10));
  place.tap('CARD_001', place.receipt(11));
  await settle();
  place.tap('CARD_001', place.receipt(11));
  place.loop('arming', false, place.receipt(9));
  await settle();
  assert.equal(place.disk.of('entry_approved').length, 1);
  assert.equal(place.stored.phase, 'opening');
});

test('a message whose record failed at first is acknowledged with the next record that is on the disk', async (t) => {
  const place = await Place.open(t);
  place.journal.mood = 'failing';
  place.loop('arming', true, place.receipt(7));
  await settle();
  assert.deepEqual(place.acknowledged, []);
  place.journal.mood = 'now';
  place.loop('arming', false, place.receipt(8));
  await settle();
  assert.deepEqual(place.acknowledged, [7, 8]);
});

test('commands are named in the order in which they are sent, for a device refuses an older name', async (t) => {
  const place = await Place.open(t, { closer: 'host' });
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  await place.rise();
  place.loop('closing', true);
  place.loop('closing', false);
  place.tap('CARD_002');
  place.lane.fault('raise_timeout', true, 'the board gave up');
  await settle();
  const names = place.barrier.sent.map(({ command }) => command.sequence);
  assert.deepEqual(
    names,
    [...names].sort((a, b) => a - b),
  );
  assert.deepEqual(place.barrier.operations.at(-1), 'lower');
});

test('a flood of orders does not age the command that was approved', async (t) => {
  const place = await Place.open(t);
  place.loop('arming', true);
  const flood = Array.from({ length: 100 }, () => place.order({ op: 'entry', credential: 'CARD_001', plate: null }));
  await Promise.all(flood);
  assert.equal(place.barrier.prepare().sequence, 2);
});

test('a disk that hangs makes no device wait for longer than a second, though no driver is there', async (t) => {
  const place = await Place.open(t);
  place.journal.mood = 'held';
  place.loop('arming', true, place.receipt(1));
  await place.pass(999);
  assert.deepEqual(place.acknowledged, []);
  await place.pass(1);
  assert.deepEqual(place.acknowledged, [1]);
  assert.deepEqual(place.lane.snapshot().faults, ['journal_slow']);
  place.loop('arming', false, place.receipt(2));
  assert.deepEqual(place.acknowledged, [1, 2]);
  place.journal.release();
  await settle();
  for (const sequence of [3, 4, 5]) {
    place.loop('arming', sequence % 2 === 1, place.receipt(sequence));
    await settle();
  }
  assert.deepEqual(place.lane.snapshot().faults, []);
  place.journal.mood = 'held';
  place.loop('arming', false, place.receipt(6));
  assert.deepEqual(place.acknowledged, [1, 2, 3, 4, 5], 'well again: it waits again');
});
