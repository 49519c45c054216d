import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Permission } from '@palang/contract/access/permissions';
import { Epoch, GateId, Origin, SessionId, SubjectRef } from '@palang/contract/ids';
import { ServerMessage } from '@palang/contract/live/messages';
import { fold } from '@palang/contract/session/fold';
import { event, memoryBook, stamp } from '@palang/contract/testing/builders';
import { WebSocket } from 'ws';
import type { Commit } from '../link/ports.js';
import { lane, snapshot } from '../testing/fakeBack.js';
import { ADMIN_KEY, type TestOffice, testOffice } from '../testing/office.js';
import { OperatorChannel } from './channel.js';

interface Operator {
  readonly socket: WebSocket;
  /** The next message of the type, arrived or to come. */
  next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  readonly seen: ServerMessage['type'][];
  send(message: unknown): void;
}

function operator(
  office: TestOffice,
  headers: Record<string, string> = { authorization: `Bearer ${ADMIN_KEY}` },
): Operator {
  const socket = new WebSocket(`${office.url.replace('http', 'ws')}/ws`, { headers });
  const messages: ServerMessage[] = [];
  const waiting: { type: string; resolve: (message: never) => void }[] = [];
  const seen: ServerMessage['type'][] = [];
  socket.on('message', (data) => {
    const message = ServerMessage.parse(JSON.parse(String(data)));
    seen.push(message.type);
    const index = waiting.findIndex(({ type }) => type === message.type);
    if (index === -1) messages.push(message);
    else waiting.splice(index, 1)[0]?.resolve(message as never);
  });
  return {
    socket,
    seen,
    next(type) {
      const index = messages.findIndex((message) => message.type === type);
      if (index !== -1) return Promise.resolve(messages.splice(index, 1)[0] as never);
      return new Promise((resolve) => waiting.push({ type, resolve }));
    },
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

async function refusal(office: TestOffice, headers: Record<string, string>): Promise<number | undefined> {
  const socket = new WebSocket(`${office.url.replace('http', 'ws')}/ws`, { headers });
  const [request, response] = (await once(socket, 'unexpected-response')) as [
    { destroy(): void },
    { statusCode?: number },
  ];
  request.destroy();
  return response.statusCode;
}

async function keyWith(office: TestOffice, permissions: Permission[]): Promise<Record<string, string>> {
  const made = (await (await office.post('/api/keys', { name: 'k', permissions })).json()) as { key: string };
  return { authorization: `Bearer ${made.key}` };
}

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

const credential = SubjectRef.parse(`s${'0'.repeat(32)}`);
const entered = event('entry_approved', {
  seq: 7,
  at: stamp({ wall: Date.now() - 60_000 }),
  data: {
    credential,
    card: 'CARD_001',
    plate: null,
    vehicle_class: 'car',
    right: 'casual',
    source: 'reader',
    over_capacity: false,
  },
});
const id = SessionId.parse('gw-in:0123456789abcdef:7');

function commit(): Commit {
  const book = memoryBook();
  book.apply(fold(book, entered));
  const session = book.session(id);
  assert(session !== undefined);
  const { origin, epoch } = entered;
  return {
    origin: Origin.parse(origin),
    events: [
      {
        position: 1,
        id,
        kind: 'entry_approved',
        lane: GateId.parse('gate_in'),
        session: id,
        receivedAt: Date.now(),
        header: { ...entered, epoch: Epoch.parse(epoch), data: { ...entered.data } },
        plate: null,
        card: 'CARD_001',
      },
    ],
    sessions: [{ session, plate: 'B1234XYZ', credential: 'w26:1' }],
  };
}

test('an entry is told as an event of the gate, a parking event, the session and the capacity', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  const stored = commit();
  office.back.sessions.push(...stored.sessions);
  office.office.announceCommit(stored);
  const ofGate = await one.next('gate_in_event');
  assert.deepEqual([ofGate.payload.event, ofGate.payload.result.session], ['entry_approved', id]);
  const parking = await one.next('parking_event');
  assert.deepEqual(
    [parking.payload.event, parking.payload.gate, parking.payload.result.card_id, parking.payload.result.license_plate],
    ['entry', 'gate_in', 'CARD_001', 'B 1234 XYZ'],
  );
  const { payload } = await one.next('session');
  assert.deepEqual([payload.status, payload.fee?.amount], ['pending', 5_000], 'with the fee so far');
  assert.deepEqual((await one.next('parking_capacity')).payload, {
    capacity: 10,
    occupied: 1,
    available: 9,
    over_by: 0,
  });
});

test('who may not see sessions is told of lanes only', async (t) => {
  const office = await testOffice(t);
  const viewer = operator(office, await keyWith(office, ['status:read']));
  await viewer.next('system_status');
  office.office.announceCommit(commit());
  office.back.change(lane('gate_in', 'in', { snapshot: snapshot('gate_in', { state: 'opening' }) }));
  await viewer.next('hardware_status');
  await viewer.next('parking_capacity');
  assert.deepEqual(
    viewer.seen.filter((type) => !['system_status', 'hardware_status', 'parking_capacity'].includes(type)),
    [],
  );
});

test('a lane that goes away is told, and a whole status follows', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  office.back.change(lane('gate_in', 'in', { online: false }));
  const { payload } = await one.next('hardware_status');
  assert.deepEqual([payload.gate_id, payload.online], ['gate_in', false]);
  assert.equal((await one.next('system_status')).payload.gates.gate_in?.status, 'offline');
});

test('commits are told in their order', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  const { reference } = office.back;
  const tariffs = reference.tariffs;
  let asked = 0;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  // The first commit takes longer to be made ready than the second.
  reference.tariffs = async () => {
    if (++asked === 1) await held;
    return tariffs();
  };
  const first = commit();
  const second = { ...first, events: first.events.map((each) => ({ ...each, kind: 'entry_passed', position: 2 })) };
  office.office.announceCommit(first);
  office.office.announceCommit(second);
  one.send({ type: 'ping', payload: {} });
  await one.next('pong');
  release();
  const told = [await one.next('gate_in_event'), await one.next('gate_in_event')];
  assert.deepEqual(
    told.map(({ payload }) => payload.event),
    ['entry_approved', 'entry_passed'],
  );
});

test('watching a camera asks the gateway for frames', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  one.send({ type: 'camera_control', payload: { gate_id: 'gate_in', action: 'watch' } });
  one.send({ type: 'ping', payload: {} });
  await one.next('pong');
  assert.deepEqual(office.back.watched, ['gate_in']);
});

test('a hub that stops asks its operators to come back later', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  const closed = once(one.socket, 'close');
  await office.office.stop();
  assert.equal(((await closed) as [number])[0], 1012);
});

test('a slow reader gets a fresh status instead of old news', () => {
  const sent: string[] = [];
  const socket = { bufferedAmount: 0, send: (text: string) => sent.push(text) };
  let asked = 0;
  const channel = new OperatorChannel(socket, () => {
    asked += 1;
  });
  const status = { type: 'system_status', payload: {} } as unknown as ServerMessage;
  channel.begin();
  channel.sendText('held');
  assert.deepEqual(sent, [], 'nothing overtakes the first status');
  channel.sendStatus(status);
  assert.deepEqual(sent.splice(0), [JSON.stringify(status), 'held']);
  socket.bufferedAmount = 2_000_000;
  channel.sendText('lost');
  socket.bufferedAmount = 500_000;
  channel.sendText('lost too');
  assert.deepEqual([asked, sent.length], [1, 0]);
  socket.bufferedAmount = 0;
  channel.catchUp();
  assert.equal(asked, 2);
  channel.sendStatus(status);
  channel.sendText('news');
  assert.deepEqual(sent, [JSON.stringify(status), 'news']);
});
