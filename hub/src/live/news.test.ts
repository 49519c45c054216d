import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Epoch, GateId, Origin, SessionId, SubjectRef } from '@palang/contract/ids';
import type { ServerMessage } from '@palang/contract/live/messages';
import { fold } from '@palang/contract/session/fold';
import { event, laneSnapshot, memoryBook, stamp } from '@palang/contract/testing/builders';
import type { Commit } from '../link/ports.js';
import { lane } from '../testing/fakeBack.js';
import { testOffice } from '../testing/office.js';
import { keyWith, operator } from '../testing/operator.js';
import { OperatorChannel } from './channel.js';

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
  office.back.change(lane('gate_in', 'in', { snapshot: laneSnapshot('gate_in', { state: 'opening' }) }));
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

test('news that comes while a later status is being read is told after it', async (t) => {
  const office = await testOffice(t);
  const one = operator(office);
  await one.next('system_status');
  const { reference } = office.back;
  const settings = reference.settings;
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reading = new Promise<void>((begun) => {
    reference.settings = async () => {
      begun();
      await held;
      return settings();
    };
  });
  office.back.change(lane('gate_in', 'in', { online: false }));
  await reading;
  office.back.change(lane('gate_out', 'out', { snapshot: laneSnapshot('gate_out', { state: 'opening' }) }));
  release();
  await one.next('system_status');
  await one.next('hardware_status');
  await one.next('hardware_status');
  assert.deepEqual(one.seen.slice(-2), ['system_status', 'hardware_status']);
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
