import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wiegand } from '@palang/contract/credential';
import { SubjectRef } from '@palang/contract/ids';
import { fold } from '@palang/contract/session/fold';
import { event, laneSnapshot, memoryBook } from '@palang/contract/testing/builders';
import type { CommandOutcome } from '../link/ports.js';
import { card, lane } from '../testing/fakeBack.js';
import { testOffice } from '../testing/office.js';
import { cardFor } from './cards.js';

const session = 'gw-in:0123456789abcdef:7';
const simulated = { config: { simulation: true } };
const car = { plate: null, vehicleClass: 'car' } as const;
const approved = (): CommandOutcome => ({ id: 'c1', outcome: 'approved', detail: { session } });

test('a vehicle is sent with the card of its label, which is made when unknown', async (t) => {
  const office = await testOffice(t, simulated);
  const asked = { card_id: 'CARD_001', license_plate: 'b1234xyz', vehicle_type: 'motorcycle' };
  const response = await office.post('/api/simulation/gate_in/vehicle', asked);
  assert.deepEqual(await response.json(), { vehicle_id: 'gate_in.v1', gate_id: 'gate_in' });
  const made = office.back.cards.get('CARD_001');
  assert.deepEqual([made?.right, made?.vehicle_class, made?.plate], ['casual', 'motorcycle', 'B1234XYZ']);
  const value = Number(made?.credential.slice('w26:'.length));
  assert.deepEqual(office.drives, [
    { lane: 'gate_in', plate: 'B 1234 XYZ', vehicleClass: 'motorcycle', card: { bits: 26, value } },
  ]);
});

test('a vehicle may come without a card', async (t) => {
  const office = await testOffice(t, simulated);
  await office.post('/api/simulation/gate_out/vehicle', { license_plate: 'B 1 A' });
  assert.deepEqual(office.drives, [{ lane: 'gate_out', plate: 'B 1 A', vehicleClass: 'car', card: null }]);
  assert.equal(office.back.cards.size, 0);
});

test('a casual card belongs to the vehicle it was last sent with, a member keeps the own one', async (t) => {
  const { back } = await testOffice(t);
  back.cards.set('CASUAL', card('CASUAL', { plate: 'B1A' }));
  back.cards.set('MEMBER', card('MEMBER', { right: 'member', plate: 'B1A', credential: wiegand(26, 2) }));
  const vehicle = { plate: 'D2B', vehicleClass: 'car' } as const;
  assert.equal((await cardFor('CASUAL', vehicle, back.reference)).plate, 'D2B');
  assert.equal(back.cards.get('CASUAL')?.plate, 'D2B');
  assert.equal((await cardFor('MEMBER', vehicle, back.reference)).plate, 'B1A');
  assert.equal((await cardFor('CASUAL', car, back.reference)).plate, 'D2B');
});

test('a label has the same number each time, and another one when that is taken', async (t) => {
  const { back } = await testOffice(t);
  const first = await cardFor('CARD_001', car, back.reference);
  back.cards.clear();
  assert.equal((await cardFor('CARD_001', car, back.reference)).credential, first.credential);
  back.cards.clear();
  back.cards.set('OTHER', card('OTHER', { credential: first.credential }));
  assert.notEqual((await cardFor('CARD_001', car, back.reference)).credential, first.credential);
  assert.equal((await cardFor('OTHER', car, back.reference)).credential, first.credential);
});

test('an entry brings a car to the lane and asks once it is seen there', async (t) => {
  const office = await testOffice(t, simulated);
  office.back.answer = approved;
  const response = await office.post('/api/parking/entry', { card_id: 'CARD_001', license_plate: 'B 1 A' });
  assert.equal(response.status, 200);
  assert.deepEqual(office.drives, [{ lane: 'gate_in', plate: 'B 1 A', vehicleClass: 'car', card: null }]);
  assert.match(JSON.stringify(office.back.commands[0]?.order), /"credential":"w26:\d+","plate":"B1A"/);
});

test('an exit brings the car of the session', async (t) => {
  const office = await testOffice(t, simulated);
  const book = memoryBook();
  const credential = SubjectRef.parse(`s${'0'.repeat(32)}`);
  const data = {
    credential,
    card: 'CARD_001',
    plate: null,
    right: 'casual',
    source: 'reader',
    over_capacity: false,
  } as const;
  book.apply(fold(book, event('entry_approved', { seq: 7, data: { ...data, vehicle_class: 'motorcycle' } })));
  for (const record of book.sessions.values()) {
    office.back.sessions.push({ session: record, plate: 'D9X', credential: 'label:CARD_001' });
  }
  office.back.answer = () => ({ id: 'c1', outcome: 'no_tariff', detail: {} });
  const response = await office.post('/api/parking/exit', { card_id: 'CARD_001', payment_method: 'card' });
  assert.equal(response.status, 409);
  assert.deepEqual(office.drives, [{ lane: 'gate_out', plate: 'D 9 X', vehicleClass: 'motorcycle', card: null }]);
});

test('ten entries at the same time bring one car', async (t) => {
  const office = await testOffice(t, simulated);
  let asked = 0;
  office.back.answer = () => (++asked === 1 ? approved() : { id: 'c', outcome: 'lane_busy', detail: {} });
  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => (await office.post('/api/parking/entry', { card_id: 'CARD_001' })).status),
  );
  assert.equal(office.drives.length, 1);
  assert.deepEqual(office.sentAway, [], 'the one that was approved drives in');
  assert.deepEqual(statuses.sort(), [200, ...Array.from({ length: 9 }, () => 409)]);
});

test('a car that was brought and refused backs out', async (t) => {
  const office = await testOffice(t, simulated);
  office.back.answer = () => ({ id: 'c', outcome: 'already_inside', detail: {} });
  assert.equal((await office.post('/api/parking/entry', { card_id: 'CARD_001' })).status, 403);
  assert.deepEqual(office.sentAway, ['gate_in.v1']);
});

test('a lane that is busy or out of service gets no car and answers itself', async (t) => {
  const office = await testOffice(t, simulated);
  for (const [state, code] of [
    ['opening', 'lane_busy'],
    ['outOfService', 'out_of_service'],
  ] as const) {
    office.back.change(lane('gate_in', 'in', { snapshot: laneSnapshot('gate_in', { state }) }));
    office.back.answer = () => ({ id: 'c', outcome: code, detail: {} });
    const response = await office.post('/api/parking/entry', { card_id: 'CARD_001' });
    assert.equal(((await response.json()) as { code: string }).code, code);
  }
  assert.deepEqual([office.drives, office.sentAway], [[], []]);
});

test('a car that waits at the lane already is used', async (t) => {
  const office = await testOffice(t, simulated);
  office.back.answer = approved;
  office.back.change(lane('gate_in', 'in', { snapshot: laneSnapshot('gate_in', { state: 'vehiclePresent' }) }));
  await office.post('/api/parking/entry', { card_id: 'CARD_001' });
  assert.deepEqual(office.drives, []);
});

test('a lane whose gateway is away gets no car', async (t) => {
  const office = await testOffice(t, simulated);
  office.back.change(lane('gate_in', 'in', { online: false }));
  const response = await office.post('/api/simulation/gate_in/vehicle', {
    card_id: 'CARD_001',
    license_plate: 'B 1 A',
  });
  assert.equal(response.status, 503);
  assert.deepEqual(office.drives, []);
});
