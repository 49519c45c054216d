import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { test } from 'node:test';
import type { Permission } from '@palang/contract/access/permissions';
import type { Clock } from '@palang/contract/clock';
import { WebSocket } from 'ws';
import { systemClock } from '../adapters/systemClock.js';
import { ADMIN_KEY, type TestOffice, testOffice } from '../testing/office.js';
import { keyWith, type Operator, operator, refusal } from '../testing/operator.js';

test('the first message is the status', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  const { payload } = await one.next('system_status');
  assert.deepEqual(Object.keys(payload.gates), ['gate_in', 'gate_out']);
  assert.equal(one.seen[0], 'system_status');
});

test('the upgrade asks for a session or a key, the right to see, and an origin of ours', async (t) => {
  const office = await testOffice(t);
  const cookie = await office.signIn();
  assert.equal(await refusal(office, {}), 401);
  assert.equal(await refusal(office, { authorization: 'Bearer pk_wrong' }), 401);
  assert.equal(await refusal(office, await keyWith(office, ['gate:control'])), 403);
  assert.equal(await refusal(office, { cookie, origin: 'http://evil.example' }), 403);
  await operator(office, { cookie, origin: office.url }).next('system_status');
  await operator(office, { cookie }).next('system_status');
});

test('there are only so many connections', async (t) => {
  const office = await testOffice(t, { config: { maxConnections: 2 } });
  await operator(office).next('system_status');
  await operator(office).next('system_status');
  assert.equal(await refusal(office, { authorization: `Bearer ${ADMIN_KEY}` }), 429);
});

test('connections that are asked for at the same time are counted too', async (t) => {
  const office = await testOffice(t, { config: { maxConnections: 2 } });
  const cookie = await office.signIn();
  const asked = Array.from(
    { length: 6 },
    () => new WebSocket(`${office.url.replace('http', 'ws')}/ws`, { headers: { cookie } }),
  );
  const opened = await Promise.all(
    asked.map(async (socket) =>
      Promise.race([
        once(socket, 'open').then(() => true),
        once(socket, 'unexpected-response').then(([request]) => {
          (request as { destroy(): void }).destroy();
          return false;
        }),
      ]),
    ),
  );
  assert.equal(opened.filter(Boolean).length, 2);
});

test('requests are answered under their own id, refused ones too', async (t) => {
  const office = await testOffice(t);
  office.back.answer = (name) => ({
    id: `for-${name}`,
    outcome: name === 'gate_in' ? 'accepted' : 'lane_unseen',
    detail: {},
  });
  const one = operator(office);
  one.socket.on('open', () => {
    one.send({ type: 'gate_control', id: 'a', payload: { gate_id: 'gate_in', action: 'open' } });
    one.send({ type: 'gate_control', id: 'b', payload: { gate_id: 'gate_out', action: 'close' } });
    one.send({ type: 'gate_control', id: 'c', payload: { gate_id: 'gate_x', action: 'open' } });
    one.send({ type: 'ping', id: 'd', payload: { sent: 42 } });
  });
  const accepted = await one.next('gate_control_result');
  assert.deepEqual([accepted.id, accepted.payload.command], ['a', 'for-gate_in']);
  const errors = [await one.next('error'), await one.next('error')].map(({ id, payload }) => `${id} ${payload.code}`);
  assert.deepEqual(errors.sort(), ['b lane_unseen', 'c unknown_gate']);
  const pong = await one.next('pong');
  assert.deepEqual([pong.id, pong.payload.sent], ['d', 42]);
});

test('a message needs the same permission as the route that does the same', async (t) => {
  const office = await testOffice(t);
  const viewer = operator(office, await keyWith(office, ['status:read']));
  await viewer.next('system_status');
  const asked = [
    { type: 'gate_control', payload: { gate_id: 'gate_in', action: 'open' } },
    { type: 'parking_entry', payload: { card_id: 'CARD_001' } },
    { type: 'parking_exit', payload: { card_id: 'CARD_001', payment_method: 'cash' } },
    { type: 'camera_control', payload: { gate_id: 'gate_in', action: 'capture' } },
    { type: 'camera_control', payload: { gate_id: 'gate_in', action: 'watch' } },
  ];
  for (const message of asked) {
    viewer.send(message);
    assert.equal((await viewer.next('error')).payload.code, 'forbidden');
  }
  assert.deepEqual(office.back.commands, []);
  assert.deepEqual(office.back.watched, []);
});

test('malformed messages are typed errors, and too many of them end the connection', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  for (const garbage of [
    '{',
    '[]',
    'null',
    '{"type":"open_sesame","payload":{}}',
    '{"type":"gate_control"}',
    '\u0000',
  ]) {
    one.send(garbage);
    assert.equal((await one.next('error')).payload.code, 'bad_message', garbage);
  }
  one.socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await one.next('error')).payload.code, 'bad_message');
  one.send({ type: 'ping', payload: {} });
  await one.next('pong');
  for (let count = 0; count < 20; count++) one.send('{');
  const [code] = (await once(one.socket, 'close')) as [number];
  assert.equal(code, 1008);
  assert.equal((await office.fetch('/healthz')).status, 200);
});

test('an oversized message ends that connection and no other', async (t) => {
  const office = await testOffice(t);
  const [one, other] = [operator(office), operator(office)];
  await one.next('system_status');
  await other.next('system_status');
  one.send('x'.repeat(70_000));
  assert.equal(((await once(one.socket, 'close')) as [number])[0], 1009);
  other.send({ type: 'ping', payload: {} });
  await other.next('pong');
});

/** The machine's clock, but for the timer of the pings, which the test fires. */
function pingClock(): { clock: Clock; ping: () => void } {
  let due: (() => void) | null = null;
  const after: Clock['after'] = (delay, action) => {
    if (delay !== 15_000) return systemClock.after(delay, action);
    due = action;
    return () => {
      due = null;
    };
  };
  return { clock: { ...systemClock, after }, ping: () => due?.() };
}

test('who answers no ping is let go, who does stays', async (t) => {
  const { clock, ping } = pingClock();
  const office = await testOffice(t, { clock });
  const key = { authorization: `Bearer ${ADMIN_KEY}` };
  const deaf = new WebSocket(`${office.url.replace('http', 'ws')}/ws`, { headers: key, autoPong: false });
  await once(deaf, 'open');
  const alive = operator(office);
  await alive.next('system_status');
  const gone = once(deaf, 'close');
  const pinged = once(alive.socket, 'ping');
  ping();
  await pinged;
  // The answer to the ping is on its way before this question.
  alive.send({ type: 'ping', payload: {} });
  await alive.next('pong');
  ping();
  await gone;
  alive.send({ type: 'ping', payload: {} });
  await alive.next('pong');
});

/** An open connection whose key has just been revoked. */
async function revoked(office: TestOffice, permissions: Permission[]): Promise<Operator> {
  const made = (await (await office.post('/api/keys', { name: 'k', permissions })).json()) as {
    id: string;
    key: string;
  };
  const viewer = operator(office, { authorization: `Bearer ${made.key}` });
  await viewer.next('system_status');
  const deleted = await office.fetch(`/api/keys/${made.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  assert.equal(deleted.status, 204);
  return viewer;
}

test('a revoked key ends its open connection', async (t) => {
  const { clock, ping } = pingClock();
  const office = await testOffice(t, { clock });
  const viewer = await revoked(office, ['status:read']);
  const closed = once(viewer.socket, 'close');
  ping();
  assert.equal(((await closed) as [number])[0], 4401);
});

test('a revoked key ends its open connection also where too many wrong keys were tried', async (t) => {
  const { clock, ping } = pingClock();
  const office = await testOffice(t, { clock, attemptLimits: { perName: 1 } });
  assert.equal(await refusal(office, { authorization: 'Bearer pk_wrong' }), 401);
  const viewer = await revoked(office, ['status:read']);
  const closed = once(viewer.socket, 'close');
  ping();
  assert.equal(((await closed) as [number])[0], 4401);
});

test('a revoked key moves nothing any more, though its connection is still open', async (t) => {
  const office = await testOffice(t);
  office.back.answer = () => ({ id: '1', outcome: 'accepted', detail: {} });
  const viewer = await revoked(office, ['status:read', 'gate:control']);
  const closed = once(viewer.socket, 'close');
  viewer.send({ type: 'gate_control', payload: { gate_id: 'gate_in', action: 'open' } });
  assert.equal((await viewer.next('error')).payload.code, 'bad_credentials');
  assert.equal(((await closed) as [number])[0], 4401);
  assert.deepEqual(office.back.commands, []);
});

test('who has signed out moves nothing through a socket that was left open', async (t) => {
  const office = await testOffice(t);
  const cookie = await office.signIn();
  const left = operator(office, { cookie });
  await left.next('system_status');
  await fetch(`${office.url}/api/session`, { method: 'DELETE', headers: { cookie } });
  left.send({ type: 'gate_control', payload: { gate_id: 'gate_in', action: 'open' } });
  assert.equal((await left.next('error')).payload.code, 'unauthenticated');
  assert.deepEqual(office.back.commands, []);
});

test('a hub that stops asks its operators to come back later', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  const closed = once(one.socket, 'close');
  await office.office.stop();
  assert.equal(((await closed) as [number])[0], 1012);
});

test('a hub that stops takes no operator who was still asking', async (t) => {
  const office = await testOffice(t);
  let finish = () => {};
  const asked = new Promise<void>((seen) => {
    office.back.answer = () =>
      new Promise((resolve) => {
        finish = () => resolve({ id: '1', outcome: 'accepted', detail: {} });
        seen();
      });
  });
  const { hostname, port } = new URL(office.url);
  const late = createConnection(Number(port), hostname);
  late.write(`GET /ws HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${ADMIN_KEY}\r\n`);
  const opening = office.post('/api/gate/control/gate_in', { action: 'open' });
  await asked;
  const stopped = office.office.stop();
  late.write('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n');
  late.write('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
  const [answer] = (await once(late, 'data')) as [Buffer];
  assert.match(String(answer), /^HTTP\/1.1 503 /);
  finish();
  assert.equal((await opening).status, 200);
  await stopped;
});
