import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventId, type SessionId, SubjectRef } from '../ids.js';
import type { Event } from '../link/events.js';
import { event, memoryBook, stamp } from '../testing/builders.js';
import { fold } from './fold.js';
import { paidFor, type Session, stateOf } from './session.js';

const card = SubjectRef.parse(`s${'a'.repeat(32)}`);

function entry(seq: number, wall: number, overrides: { origin?: string; lane?: string } = {}): Event {
  return event('entry_approved', {
    seq,
    origin: overrides.origin ?? 'gw-in',
    lane: overrides.lane ?? 'gate_in',
    at: stamp({ wall }),
    data: {
      credential: card,
      card: 'CARD_001',
      plate: null,
      vehicle_class: 'car',
      right: 'casual',
      source: 'reader',
      over_capacity: false,
    },
  });
}

const quote = { tariff: 't', vehicle_class: 'car' as const, minutes: 10, lines: [], amount: 5_000 as never, flags: [] };

function settled(session: SessionId, seq: number, wall: number, key = `${session}:1`, reference = 'r1'): Event {
  return event('payment_settled', {
    seq,
    origin: 'gw-out',
    lane: 'gate_out',
    session,
    at: stamp({ wall }),
    data: { key, revision: 1, amount: 5_000 as never, method: 'card', reference, masked: null },
  });
}

/** One whole stay: in by one gateway, out by another. */
function wholeStay(): { id: SessionId; events: Event[] } {
  const first = entry(1, 1_000);
  const id = eventId(first);
  const common = { origin: 'gw-out', lane: 'gate_out', session: id };
  const events = [
    first,
    event('entry_passed', { seq: 2, session: id, at: stamp({ wall: 5_000 }), data: { evidence: 'passageProven' } }),
    settled(id, 3, 100_000),
    event('exit_approved', { ...common, seq: 4, at: stamp({ wall: 100_001 }), data: { quote } }),
    event('exit_voided', { ...common, seq: 5, at: stamp({ wall: 110_000 }), data: { reason: 'back_out' } }),
    event('exit_approved', { ...common, seq: 6, at: stamp({ wall: 120_000 }), data: { quote } }),
    event('exit_passed', { ...common, seq: 7, at: stamp({ wall: 125_000 }), data: { evidence: 'passageProven' } }),
  ];
  return { id, events };
}

function foldAll(events: readonly Event[]): Map<string, Session> {
  const book = memoryBook();
  for (const one of events) book.apply(fold(book, one));
  return book.sessions;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

test('a stay goes from pending to parked to leaving to closed', () => {
  const { id, events } = wholeStay();
  const states = events.map((_, index) => {
    const session = foldAll(events.slice(0, index + 1)).get(id);
    assert.ok(session);
    return stateOf(session);
  });
  assert.deepEqual(states, ['pending', 'parked', 'parked', 'leaving', 'parked', 'leaving', 'closed']);
});

test('every order in which the events of a stay can arrive gives the same session', () => {
  const { id, events } = wholeStay();
  const expected = foldAll(events).get(id);
  assert.ok(expected);
  assert.equal(paidFor(expected), 5_000);
  assert.deepEqual(expected.flags, []);
  for (const order of permutations(events)) assert.deepEqual(foldAll(order).get(id), expected);
});

test('folding the same event twice changes nothing the second time', () => {
  const { events } = wholeStay();
  assert.deepEqual(foldAll(events.flatMap((one) => [one, one])), foldAll(events));
});

test('a payment reaches the ledger once, however often it is told', () => {
  const book = memoryBook();
  const { id } = wholeStay();
  const first = fold(book, settled(id, 3, 100));
  book.apply(first);
  const second = fold(book, settled(id, 4, 200));
  assert.equal(first.payments.length, 1);
  assert.equal(second.payments.length, 0);
});

test('the same payment key with another reference is flagged, not added', () => {
  const book = memoryBook();
  const { id } = wholeStay();
  book.apply(fold(book, settled(id, 3, 100)));
  book.apply(fold(book, settled(id, 4, 200, `${id}:1`, 'another')));
  assert.deepEqual(book.sessions.get(id)?.flags, ['entry_unknown', 'key_conflict']);
  assert.equal(book.sessions.get(id)?.payments.length, 1);
});

test('one card approved at two gates at once is recorded as overlapping on both sessions, in either order', () => {
  const a = entry(1, 1_000);
  const b = entry(1, 1_100, { origin: 'gw-two', lane: 'gate_in_2' });
  for (const order of [
    [a, b],
    [b, a],
  ]) {
    const sessions = foldAll(order);
    assert.equal(sessions.size, 2);
    for (const session of sessions.values()) assert.deepEqual(session.flags, ['double_entry']);
  }
});

test('an overlap that a late exit disproves is taken back', () => {
  const { id, events } = wholeStay();
  const again = entry(9, 500_000);
  const late = events.at(-1);
  assert.ok(late);
  const sessions = foldAll([...events.slice(0, -1), again, late]);
  assert.deepEqual(sessions.get(id)?.flags, []);
  assert.deepEqual(sessions.get(eventId(again))?.flags, []);
});

test('a voided entry leaves no presence behind and does not overlap the next one', () => {
  const first = entry(1, 1_000);
  const id = eventId(first);
  const voided = event('entry_voided', {
    seq: 2,
    session: id,
    at: stamp({ wall: 2_000 }),
    data: { reason: 'back_out' },
  });
  const second = entry(3, 3_000);
  const sessions = foldAll([first, voided, second]);
  assert.equal(stateOf(sessions.get(id) as Session), 'voided');
  assert.deepEqual(sessions.get(eventId(second))?.flags, []);
});

test('tailgating at an entry opens a provisional session and marks the one in front', () => {
  const front = entry(1, 1_000);
  const tail = event('tailgating', {
    seq: 2,
    lane: 'gate_in',
    at: stamp({ wall: 2_000 }),
    data: { direction: 'in', behind: eventId(front), vehicle_class: 'car' },
  });
  const sessions = foldAll([tail, front]);
  const provisional = sessions.get(eventId(tail));
  assert.equal(provisional?.provisional, true);
  assert.equal(stateOf(provisional as Session), 'parked');
  assert.deepEqual(sessions.get(eventId(front))?.flags, ['tailgated']);
});
