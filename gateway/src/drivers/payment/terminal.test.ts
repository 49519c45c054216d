import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { rupiah } from '@palang/contract/money';
import { ManualClock, settle } from '../../testing/manualClock.js';
import { createTerminalPayment } from './terminal.js';

const AMOUNT = rupiah(5_000);

interface Asked {
  readonly id: string;
  readonly op: string;
  readonly key: string;
}

/** A terminal that says what the test tells it to say. `status` is answered by itself unless `mute`. */
async function scripted(t: TestContext) {
  const clock = new ManualClock();
  const asked: Asked[] = [];
  const peer: { socket: Socket | null; mute: boolean } = { socket: null, mute: false };
  const server = createServer((socket) => {
    peer.socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      for (const line of bytes.toString().trim().split('\n')) {
        const request = JSON.parse(line) as Asked;
        if (request.op !== 'status') asked.push(request);
        else if (!peer.mute) say({ id: request.id, status: 'ready' });
      }
    });
  });
  const say = (answer: object | string) =>
    peer.socket?.write(typeof answer === 'string' ? answer : `${JSON.stringify(answer)}\n`);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const payment = createTerminalPayment({ host: '127.0.0.1', port: address.port, clock });
  const health: string[] = [];
  payment.start({ online: () => health.push('online'), offline: (reason) => health.push(`offline: ${reason}`) });
  t.after(async () => {
    await payment.stop();
    peer.socket?.destroy();
    server.close();
    await settle();
    assert.equal(clock.timers, 0, 'a timer was left behind');
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await settle();
  };
  await until(() => health.length > 0);
  return { clock, asked, peer, say, payment, health, until };
}

const approved = (id: string, more: object = {}) => ({
  id,
  status: 'approved',
  key: 'k',
  amount: 5_000,
  currency: 'IDR',
  reference: 'R1',
  instrument: 'qris',
  masked: '****1',
  ...more,
});

test('waiting is no outcome; what follows is', async (t) => {
  const { payment, asked, say, until } = await scripted(t);
  const charge = payment.charge('k', AMOUNT);
  await until(() => asked.length === 1);
  say({ id: asked[0]?.id, status: 'waiting', key: 'k' });
  say(approved(asked[0]?.id ?? ''));
  assert.deepEqual(await charge, {
    status: 'approved',
    amount: 5_000,
    method: 'qris',
    reference: 'R1',
    masked: '****1',
  });
});

const DOUBTS: readonly [what: string, answer: (id: string) => object, reason: string][] = [
  ['another amount', (id) => approved(id, { amount: 50_000 }), 'amount_mismatch'],
  ['another key', (id) => approved(id, { key: 'other' }), 'key_mismatch'],
  ['a conflict of keys', (id) => ({ id, status: 'error', key: 'k', reason: 'key_conflict' }), 'key_conflict'],
  ['an answer that fits no charge', (id) => ({ id, status: 'ready' }), 'answered ready'],
];

for (const [what, answer, reason] of DOUBTS) {
  test(`a charge that is answered with ${what} is unknown`, async (t) => {
    const { payment, asked, say, until } = await scripted(t);
    const charge = payment.charge('k', AMOUNT);
    await until(() => asked.length === 1);
    say(answer(asked[0]?.id ?? ''));
    assert.deepEqual(await charge, { status: 'unknown', reason });
  });
}

test('an amount that does not fit is doubted by resolve too, and counted', async (t) => {
  const { payment, asked, say, until, peer } = await scripted(t);
  const charge = payment.charge('k', AMOUNT);
  await until(() => asked.length === 1);
  say(approved(asked[0]?.id ?? '', { amount: 1 }));
  await charge;
  assert.ok(peer.socket);
  const found = payment.resolve('k');
  await until(() => asked.length === 2);
  say(approved(asked[1]?.id ?? '', { amount: 1 }));
  assert.deepEqual(await found, { status: 'unknown', reason: 'amount_mismatch' });
  assert.equal(payment.counters().mismatches, 2);
});

test('garbage, answers to nothing and endless lines are counted, and the charge goes on', async (t) => {
  const { payment, asked, say, until } = await scripted(t);
  const charge = payment.charge('k', AMOUNT);
  await until(() => asked.length === 1);
  say('garbage\n{"id":1}\n[]\n\u0000\u00ff\n');
  say(approved('never-asked'));
  say(approved(asked[0]?.id ?? '', { amount: 'much' }));
  say(`${'x'.repeat(1_000_000)}\n`);
  say(approved(asked[0]?.id ?? ''));
  assert.equal((await charge).status, 'approved');
  assert.equal(payment.counters().discarded_lines, 7);
});

test('one debt asked for twice at once is one charge', async (t) => {
  const { payment, asked, say, until } = await scripted(t);
  const both = [payment.charge('k', AMOUNT), payment.charge('k', AMOUNT)];
  await until(() => asked.length === 1);
  say(approved(asked[0]?.id ?? ''));
  const [first, second] = await Promise.all(both);
  assert.deepEqual(first, second);
  assert.equal(asked.length, 1);
});

test('a terminal that falls silent is lost after a while, and the charge with it is unknown', async (t) => {
  const { payment, asked, until, peer, clock, health } = await scripted(t);
  const charge = payment.charge('k', AMOUNT);
  await until(() => asked.length === 1);
  peer.mute = true;
  await clock.advance(10_000);
  assert.equal((await charge).status, 'unknown');
  assert.deepEqual(health, ['online', 'offline: it does not answer']);
});

test('a charge that was sent once is never called free while the terminal is away', async (t) => {
  const { payment, asked, until, peer, health } = await scripted(t);
  const charge = payment.charge('k', AMOUNT);
  await until(() => asked.length === 1);
  peer.socket?.destroy();
  assert.equal((await charge).status, 'unknown');
  await until(() => health.length === 2);
  assert.deepEqual(await payment.charge('k', AMOUNT), { status: 'unknown', reason: 'terminal_offline' });
});

test('a cancel that is not answered leaves the charge unknown', async (t) => {
  const { payment, asked, until, clock } = await scripted(t);
  const charge = payment.charge('k', AMOUNT);
  await until(() => asked.length === 1);
  const refused = assert.rejects(payment.cancel('k'), { code: 'terminal_offline' });
  await until(() => asked.length === 2);
  await clock.advance(5_000);
  await refused;
  assert.deepEqual(await charge, { status: 'unknown', reason: 'cancel_unanswered' });
});

test('a key that the terminal could not take is refused here', async (t) => {
  const { payment } = await scripted(t);
  await assert.rejects(payment.charge('', AMOUNT), { code: 'bad_payment_key' });
  await assert.rejects(payment.charge('k'.repeat(129), AMOUNT), { code: 'bad_payment_key' });
});
