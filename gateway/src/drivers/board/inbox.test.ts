import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Receipt } from '../../ports/receipt.js';
import { Inbox } from './inbox.js';
import type { BoardEvent, Status } from './messages.js';

const STREAM = 7;

function event(sequence: number, stream = STREAM): BoardEvent {
  return { stream, sequence, boot: stream, time: 0, type: 4, data: new Uint8Array() };
}

function status(next_event: number, pending: number, stream = STREAM): Status {
  const none = { nonce: 0, uptime: 0, state: 0, inputs: 0, flags: 0, faults: 0, last_sequence: 0, openings: 0 };
  const counts = { lost_events: 0, crc_errors: 0, refused_writes: 0, reset_reason: 0, version: 1 };
  return { ...none, ...counts, boot: stream, stream, next_event, pending };
}

function inbox() {
  const delivered: number[] = [];
  const receipts: Receipt[] = [];
  const acknowledged: number[] = [];
  let unknown = 0;
  const box = new Inbox({
    acknowledge: (_stream, sequence) => acknowledged.push(sequence),
    deliver: ({ sequence }, receipt) => {
      delivered.push(sequence);
      receipts.push(receipt);
    },
    unknownStream: () => {
      unknown += 1;
    },
  });
  return { box, delivered, receipts, acknowledged, unknown: () => unknown };
}

test('events are delivered in order, each once, however they come', () => {
  const { box, delivered } = inbox();
  box.status(status(1, 0));
  for (const sequence of [2, 1, 2, 1, 4, 4, 3, 5]) box.event(event(sequence));
  assert.deepEqual(delivered, [1, 2, 3, 4, 5]);
});

test('events that come before the first STATUS wait for it', () => {
  const { box, delivered, unknown } = inbox();
  box.event(event(10));
  box.event(event(9));
  assert.deepEqual(delivered, []);
  assert.equal(unknown(), 2);
  box.status(status(11, 2));
  assert.deepEqual(delivered, [9, 10]);
});

test('an acknowledgement covers only what was acknowledged without a gap', () => {
  const { box, receipts, acknowledged } = inbox();
  box.status(status(1, 0));
  for (const sequence of [1, 2, 3]) box.event(event(sequence));
  receipts[1]?.acknowledge();
  assert.deepEqual(acknowledged, []);
  receipts[0]?.acknowledge();
  assert.deepEqual(acknowledged, [2]);
  receipts[0]?.acknowledge();
  receipts[2]?.acknowledge();
  assert.deepEqual(acknowledged, [2, 3]);
});

test('an event that comes again is acknowledged again only when it was acknowledged', () => {
  const { box, delivered, receipts, acknowledged } = inbox();
  box.status(status(1, 0));
  box.event(event(1));
  box.event(event(1));
  assert.deepEqual(acknowledged, []);
  receipts[0]?.acknowledge();
  box.event(event(1));
  assert.deepEqual(acknowledged, [1, 1]);
  assert.deepEqual(delivered, [1]);
});

test('a lost acknowledgement is repeated at the next STATUS', () => {
  const { box, receipts, acknowledged } = inbox();
  box.status(status(1, 0));
  box.event(event(1));
  receipts[0]?.acknowledge();
  box.status(status(2, 1));
  box.status(status(2, 0));
  assert.deepEqual(acknowledged, [1, 1]);
});

test('sequence numbers go on across their end', () => {
  const { box, delivered, receipts, acknowledged } = inbox();
  box.status(status(65_535, 0));
  for (const sequence of [65_535, 1, 0]) box.event(event(sequence));
  assert.deepEqual(delivered, [65_535, 0, 1]);
  for (const receipt of receipts) receipt.acknowledge();
  assert.deepEqual(acknowledged, [65_535, 0, 1]);
});

test('a new stream begins with what it still keeps, and an old receipt does not touch it', () => {
  const { box, delivered, receipts, acknowledged } = inbox();
  box.status(status(1, 0));
  box.event(event(1));
  box.event(event(1, 8));
  box.status(status(2, 1, 8));
  assert.deepEqual(delivered, [1, 1]);
  receipts[0]?.acknowledge();
  assert.deepEqual(acknowledged, []);
});

test('what another host has acknowledged is not waited for', () => {
  const { box, delivered } = inbox();
  box.status(status(1, 0));
  box.status(status(6, 1));
  box.event(event(5));
  assert.deepEqual(delivered, [5]);
  assert.equal(box.caughtUp(status(6, 1)), true);
});

test('noise that claims to be far ahead is kept in bounds', () => {
  const { box, delivered } = inbox();
  box.status(status(1, 0));
  for (let sequence = 100; sequence < 200; sequence++) box.event(event(sequence));
  assert.equal(box.discarded, 92);
  box.event(event(1));
  assert.deepEqual(delivered, [1]);
});
