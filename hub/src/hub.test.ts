import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { PalangClient } from '@palang/client';
import type { LiveEvents } from '@palang/client/live';
import { SubjectRef } from '@palang/contract/ids';
import { rupiah } from '@palang/contract/money';
import type { Quote } from '@palang/contract/tariff/price';
import type { FakeGateway } from './testing/fakeGateway.js';
import { testHub } from './testing/hub.js';

const credential = SubjectRef.parse(`s${'1'.repeat(32)}`);
const plate = SubjectRef.parse(`s${'2'.repeat(32)}`);
const subjects = [
  { ref: credential, kind: 'credential', value: 'label:CARD_001' },
  { ref: plate, kind: 'plate', value: 'B1234XYZ' },
] as const;
const fee: Quote = {
  tariff: 'demo-1',
  vehicle_class: 'car',
  minutes: 1,
  lines: [{ kind: 'first_block', day: 1, count: 1, unit: rupiah(5_000), amount: rupiah(5_000) }],
  amount: rupiah(5_000),
  flags: [],
};

/** A lane that admits whatever is presented. */
function admits(gateway: FakeGateway, card = 'CARD_001'): void {
  gateway.answer = async (order) => {
    if (order.op !== 'entry') return { outcome: 'accepted' };
    const session = await gateway.record(
      'entry_approved',
      {
        credential,
        card,
        plate,
        vehicle_class: 'car',
        right: 'casual',
        source: 'api',
        over_capacity: false,
      },
      { subjects },
    );
    return { outcome: 'approved', detail: { session } };
  };
}

function heard<Name extends keyof LiveEvents>(
  client: PalangClient,
  name: Name,
  fits: (payload: LiveEvents[Name]) => boolean = () => true,
): Promise<LiveEvents[Name]> {
  return new Promise((resolve) => {
    const stop = client.on(name, (payload) => {
      if (!fits(payload)) return;
      stop();
      resolve(payload);
    });
  });
}

test('a paired gateway is online, carries out a command and is told who asked', async (t) => {
  const hub = await testHub(t);
  const gateway = await hub.gateway('gw-in', 'gate_in', 'in');
  const status = await hub.client.getSystemStatus();
  assert.deepEqual([status.gates.gate_in?.status, status.gates.gate_in?.controller_status], ['online', 'connected']);
  const answer = await hub.client.openGateIn(7);
  assert.equal(answer.status, 'accepted');
  assert.deepEqual(gateway.orders, [
    { order: { op: 'gate', action: 'open', duration: 7_000 }, actor: 'key:bootstrap', reason: '' },
  ]);
  gateway.answer = () => ({ outcome: 'lane_unseen' });
  await assert.rejects(hub.client.closeGateIn(), { code: 'lane_unseen', status: 409 });
});

test('an absent gateway is offline at once, and known after a restart', async (t) => {
  const hub = await testHub(t);
  const gateway = await hub.gateway('gw-in', 'gate_in', 'in');
  const away = heard(hub.client, 'hardware_status', ({ online }) => !online);
  await gateway.disconnect();
  await away;
  await assert.rejects(hub.client.openGateIn(), { code: 'gateway_offline', retryable: true });
  assert.equal((await hub.client.getSystemStatus()).gates.gate_in?.status, 'offline');
  assert.equal(gateway.orders.length, 0);
});

test('a gateway that does not answer the goodbye does not keep the hub from stopping', async (t) => {
  const hub = await testHub(t);
  const gateway = await hub.gateway('gw-in', 'gate_in', 'in');
  gateway.hang();
  const asked = performance.now();
  await hub.stop();
  assert(performance.now() - asked < 5_000);
});

test('a stay from entry to exit is in the status, the sessions, the events and the sockets', async (t) => {
  const hub = await testHub(t);
  const entry = await hub.gateway('gw-in', 'gate_in', 'in');
  const exit = await hub.gateway('gw-out', 'gate_out', 'out');
  admits(entry);
  const told = heard(hub.client, 'parking_event');
  const { session } = await hub.client.parkingEntry('CARD_001', 'B 1234 XYZ');
  assert.deepEqual(entry.orders[0]?.order, { op: 'entry', credential: 'label:CARD_001', plate: 'B1234XYZ' });
  assert.equal((await told).result.license_plate, 'B 1234 XYZ');

  const { active_sessions, coordinator } = await hub.client.getSystemStatus();
  assert.deepEqual([active_sessions.CARD_001?.session, active_sessions.CARD_001?.status], [session, 'pending']);
  assert.equal(coordinator.active_sessions, 1);
  assert.deepEqual(await hub.client.getCapacity(), { capacity: 100, occupied: 1, available: 99, over_by: 0 });
  const [open] = await hub.client.getSessions();
  assert.deepEqual([open?.id, open?.fee?.amount, open?.paid], [session, 5_000, 0]);

  exit.answer = () => ({ outcome: 'awaiting_payment', detail: { session, quote: fee } });
  const waiting = await hub.client.parkingExit('CARD_001', 'card');
  assert.deepEqual([waiting.status, waiting.quote.amount], ['awaiting_payment', 5_000]);
  const settled = heard(hub.client, 'parking_exit_result');
  const left = heard(hub.client, 'parking_event', ({ event }) => event === 'exit');
  const about = { session };
  const paid = {
    key: `${session}:1`,
    revision: 1,
    amount: fee.amount,
    method: 'card',
    reference: 'R1',
    masked: null,
  } as const;
  await entry.record('entry_passed', { evidence: 'passageProven' }, about);
  await exit.record('payment_settled', paid, about);
  await exit.record('exit_approved', { quote: fee }, about);
  await exit.record('exit_passed', { evidence: 'passageProven' }, about);
  assert.deepEqual([(await settled).session, (await settled).quote.amount], [session, 5_000]);
  assert.deepEqual([(await left).result.status, (await left).result.paid], ['closed', 5_000]);

  assert.deepEqual(await hub.client.getSessions('open'), []);
  const [closed] = await hub.client.getSessions('closed');
  assert.deepEqual(
    [closed?.status, closed?.entry_gate, closed?.exit_gate, closed?.fee?.amount],
    ['closed', 'gate_in', 'gate_out', 5_000],
  );
  const events = await hub.client.getEvents();
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['entry_approved', 'entry_passed', 'payment_settled', 'exit_approved', 'exit_passed'],
  );
  const rest = await hub.client.getEvents(events[2]?.cursor);
  assert.deepEqual(
    rest.map(({ kind }) => kind),
    ['exit_approved', 'exit_passed'],
  );
});

test('a card may be called what no key of an object can be, and is in the status all the same', async (t) => {
  const hub = await testHub(t);
  admits(await hub.gateway('gw-in', 'gate_in', 'in'), '__proto__');
  const { session } = await hub.client.parkingEntry('__proto__');
  const { active_sessions } = await hub.client.getSystemStatus();
  assert.equal(active_sessions[session]?.card_id, '__proto__');
});

test('keys, cards and open sessions reach the gateways', async (t) => {
  const hub = await testHub(t);
  const gateway = await hub.gateway('gw-in', 'gate_in', 'in');
  admits(gateway);
  const { id } = await hub.client.call('createKey', { input: { name: 'erp', permissions: ['gate:control'] } });
  const { session } = await hub.client.parkingEntry('CARD_001');
  // A last change, so that everything before it has arrived when the gateway has answered.
  await hub.client.controlGate('gate_in', 'open');
  await until(() => gateway.replica.has(`sessions/${session}`) && gateway.replica.has(`api_keys/${id}`));
  assert.deepEqual(gateway.replica.get(`api_keys/${id}`)?.permissions, ['gate:control']);
  assert.equal(gateway.replica.get(`sessions/${session}`)?.credential, 'label:CARD_001');
  assert.notEqual(gateway.replica.get('settings/site'), undefined);
});

test('a photo from a gateway can be looked at, and no other can be put', async (t) => {
  const hub = await testHub(t);
  const gateway = await hub.gateway('gw-in', 'gate_in', 'in');
  const { createHash } = await import('node:crypto');
  const jpeg = Buffer.from('a picture');
  const digest = createHash('sha256').update(jpeg).digest('hex');
  const put = (name: string, token: string) =>
    fetch(`${hub.url}/api/photos/${name}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: jpeg,
    });
  assert.equal((await put(digest, 'guessed')).status, 401);
  assert.equal((await put('0'.repeat(64), gateway.uploadToken)).status, 400);
  assert.equal((await put(digest, gateway.uploadToken)).status, 204);
  assert.equal((await put(digest, gateway.uploadToken)).status, 204);
  const photo = await hub.client.call('photo', { params: { digest } });
  assert.equal(await photo.text(), 'a picture');
});

test('the picture of a lane comes from its gateway', async (t) => {
  const hub = await testHub(t);
  await hub.gateway('gw-in', 'gate_in', 'in');
  const frame = await hub.client.call('frame', { params: { gate_id: 'gate_in' } });
  assert.equal(await frame.text(), 'jpeg');
});

test('in simulation an unknown card is made, reaches the gateway, and the car is sent with it', async (t) => {
  const asked: unknown[] = [];
  const site = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      asked.push(JSON.parse(text));
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"vehicle_id":"gate_in.v1"}');
    });
  });
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  t.after(() => site.close());
  const { port } = site.address() as AddressInfo;
  const hub = await testHub(t, {
    SIMULATION_MODE: 'true',
    SITE_CONTROL_URLS: JSON.stringify({ gate_in: `http://127.0.0.1:${port}` }),
  });
  const gateway = await hub.gateway('gw-in', 'gate_in', 'in');
  const sent = await hub.client.simulateVehicleEntry('CARD_042', 'B 1234 XYZ', 'motorcycle');
  assert.equal(sent.vehicle_id, 'gate_in.v1');
  const card = gateway.replica.get('cards/CARD_042');
  assert.equal(card?.vehicle_class, 'motorcycle', 'the gateway knew the card before the car was sent');
  const value = Number(String(card?.credential).slice('w26:'.length));
  assert.deepEqual(asked, [
    { lane: 'gate_in', plate: 'B 1234 XYZ', vehicle_type: 'motorcycle', card: { bits: 26, value } },
  ]);
  await assert.rejects(hub.client.simulateVehicleExit('CARD_042'), { code: 'unknown_gate' });
});

test('the audit log of an hour’s work verifies after a restart', async (t) => {
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const folder = await mkdtemp(join(tmpdir(), 'palang-hub-'));
  const first = await testHub(t, {}, folder);
  await first.gateway('gw-in', 'gate_in', 'in');
  await first.client.openGateIn();
  await first.stop();
  const second = await testHub(t, {}, folder);
  const { verified, entries } = await second.client.call('audit', {});
  assert.equal(verified, true);
  assert.deepEqual(
    entries.map(({ action, outcome }) => `${action} ${outcome}`).reverse(),
    ['pairing_code', 'pair', 'open'].flatMap((act) => {
      const name = act === 'open' ? 'gate.open' : `gateway.${act}`;
      return [`${name} started`, `${name} done`];
    }),
  );
  await second.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Waits for a state that arrives by messages of its own. Fails with the test's own time limit. */
async function until(fits: () => boolean): Promise<void> {
  while (!fits()) await new Promise((turn) => setImmediate(turn));
}
