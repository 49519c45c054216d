import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../fakes/virtualClock.js';
import { MemoryLedger } from './ledger.js';
import type { Answer } from './messages.js';
import { Terminal } from './terminal.js';

function host() {
  const answers: Answer[] = [];
  return {
    answers,
    dropped: false,
    answer(answer: Answer) {
      answers.push(answer);
    },
    drop() {
      this.dropped = true;
    },
  };
}

function scene(ledger = new MemoryLedger()) {
  const clock = new VirtualClock();
  return { clock, ledger, terminal: new Terminal(clock, ledger), gateway: host() };
}

const charge = (id: string, key = 'k1', amount = 5_000) =>
  ({ id, op: 'charge', key, amount, currency: 'IDR' }) as const;
const statuses = (answers: readonly Answer[]) => answers.map(({ id, status }) => `${id} ${status}`);

test('a charge asks the driver and ends in one approval', () => {
  const { terminal, gateway } = scene();
  terminal.handle(charge('1'), gateway);
  assert.deepEqual(terminal.asked()?.amount, 5_000);
  terminal.answer('k1', 'approve', 'qris');
  terminal.answer('k1', 'decline', 'qris');
  assert.deepEqual(gateway.answers, [
    { id: '1', status: 'waiting', key: 'k1' },
    {
      id: '1',
      status: 'approved',
      key: 'k1',
      amount: 5_000,
      currency: 'IDR',
      reference: 'SIM000001',
      instrument: 'qris',
      masked: '****0001',
    },
  ]);
});

test('a charge repeated with its key takes money once, before and after the outcome', () => {
  const { terminal, gateway } = scene();
  terminal.handle(charge('1'), gateway);
  terminal.handle(charge('2'), gateway);
  terminal.answer('k1', 'approve', 'card');
  terminal.handle(charge('3'), gateway);
  assert.deepEqual(statuses(gateway.answers), ['1 waiting', '2 waiting', '1 approved', '2 approved', '3 approved']);
  assert.equal(new Set(gateway.answers.flatMap(({ reference }) => reference ?? [])).size, 1);
  assert.equal(terminal.charges.length, 1);
});

test('resolve tells what became of a charge', () => {
  const { terminal, gateway, clock } = scene();
  const resolve = (id: string) => terminal.handle({ id, op: 'resolve', key: 'k1' }, gateway);
  resolve('1');
  terminal.handle(charge('2'), gateway);
  resolve('3');
  clock.advance(60_000);
  resolve('4');
  assert.deepEqual(statuses(gateway.answers), ['1 none', '2 waiting', '3 pending', '2 cancelled', '4 declined']);
  assert.equal(gateway.answers.at(-1)?.reason, 'timeout');
});

test('cancel ends a pending charge, leaves a settled one and does not know a stranger', () => {
  const { terminal, gateway } = scene();
  const cancel = (id: string, key: string) => terminal.handle({ id, op: 'cancel', key }, gateway);
  terminal.handle(charge('1', 'a'), gateway);
  cancel('2', 'a');
  terminal.handle(charge('3', 'b'), gateway);
  terminal.answer('b', 'approve', 'card');
  cancel('4', 'b');
  cancel('5', 'c');
  assert.deepEqual(statuses(gateway.answers), [
    '1 waiting',
    '1 cancelled',
    '2 cancelled',
    '3 waiting',
    '3 approved',
    '4 approved',
    '5 none',
  ]);
});

test('a second charge while one is pending is busy and not remembered', () => {
  const { terminal, gateway } = scene();
  terminal.handle(charge('1', 'a'), gateway);
  terminal.handle(charge('2', 'b'), gateway);
  terminal.handle({ id: '3', op: 'status' }, gateway);
  assert.deepEqual(gateway.answers.slice(1), [
    { id: '2', status: 'error', key: 'b', reason: 'busy' },
    { id: '3', status: 'busy', key: 'a' },
  ]);
  assert.equal(terminal.charges.length, 1);
});

test('a known key with another amount is a conflict', () => {
  const { terminal, gateway } = scene();
  terminal.handle(charge('1', 'a', 5_000), gateway);
  terminal.handle(charge('2', 'a', 6_000), gateway);
  assert.deepEqual(gateway.answers.at(-1), { id: '2', status: 'error', key: 'a', reason: 'key_conflict' });
});

test('drop_after_approval takes the money and drops the line, once; resolve finds the payment', () => {
  const { terminal, gateway } = scene();
  terminal.setFault('drop_after_approval', true);
  terminal.handle(charge('1'), gateway);
  terminal.answer('k1', 'approve', 'emoney');
  assert.deepEqual(statuses(gateway.answers), ['1 waiting']);
  assert.equal(gateway.dropped, true);
  const again = host();
  terminal.handle({ id: '2', op: 'resolve', key: 'k1' }, again);
  terminal.handle(charge('3', 'k2'), again);
  terminal.answer('k2', 'approve', 'emoney');
  assert.deepEqual(statuses(again.answers), ['2 approved', '3 waiting', '3 approved']);
});

test('late answers come ten seconds late, and not to a host that is gone by then', () => {
  const { terminal, gateway, clock } = scene();
  terminal.setFault('late', true);
  terminal.handle(charge('1'), gateway);
  terminal.answer('k1', 'approve', 'card');
  clock.advance(9_999);
  assert.deepEqual(statuses(gateway.answers), ['1 waiting']);
  clock.advance(1);
  assert.deepEqual(statuses(gateway.answers), ['1 waiting', '1 approved']);
});

test('refuse declines without asking the driver', () => {
  const { terminal, gateway } = scene();
  terminal.setFault('refuse', true);
  terminal.handle(charge('1'), gateway);
  assert.deepEqual(gateway.answers, [{ id: '1', status: 'declined', key: 'k1', reason: 'refused' }]);
  assert.equal(terminal.asked(), undefined);
});

test('a restart keeps settled charges, cancels pending ones and repeats no reference', () => {
  const { terminal, gateway, ledger } = scene();
  terminal.handle(charge('1', 'paid'), gateway);
  terminal.answer('paid', 'approve', 'card');
  terminal.handle(charge('2', 'open'), gateway);

  const after = scene(ledger);
  after.terminal.handle(charge('3', 'paid'), after.gateway);
  after.terminal.handle(charge('4', 'open'), after.gateway);
  after.terminal.handle(charge('5', 'new'), after.gateway);
  after.terminal.answer('new', 'approve', 'card');
  assert.deepEqual(statuses(after.gateway.answers), ['3 approved', '4 cancelled', '5 waiting', '5 approved']);
  assert.deepEqual(
    after.gateway.answers.flatMap(({ reference }) => reference ?? []),
    ['SIM000001', 'SIM000002'],
  );
});
