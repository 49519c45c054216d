import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wiegand } from '@palang/contract/credential';
import { ZERO } from '@palang/contract/money';
import { price } from '@palang/contract/tariff/price';
import type { CommandOutcome } from '../link/ports.js';
import { card, lane, someDigest, tariff } from '../testing/fakeBack.js';
import { type TestOffice, testOffice } from '../testing/office.js';

const session = 'gw-in:0123456789abcdef:7';
const stay = { duration: 60_000, shortest: 60_000, certain: true };
const quote = price({ tariff, vehicleClass: 'car', stay, paid: ZERO, covered: false });
const outcome = (code: string, detail: Record<string, unknown> = {}): CommandOutcome => ({
  id: 'c1',
  outcome: code,
  detail,
});

async function told(response: Response): Promise<[number, Record<string, unknown>]> {
  return [response.status, (await response.json()) as Record<string, unknown>];
}

async function audited(office: TestOffice): Promise<unknown[]> {
  const [, { entries, verified }] = await told(await office.fetch('/api/audit'));
  assert.equal(verified, true);
  return (entries as { action: string; target: string; outcome: string; actor: string; reason: string }[])
    .map(({ actor, action, target, reason, outcome: end }) => [actor, action, target, reason, end])
    .reverse();
}

test('a gate is opened with the seconds, the reason and the name of who asked, between two lines of the audit log', async (t) => {
  const office = await testOffice(t);
  office.back.answer = () => outcome('accepted');
  const cookie = await office.signIn();
  const asked = { action: 'open', duration: 12.5, reason: 'ambulance' };
  const response = await office.post('/api/gate/control/gate_in', asked, { cookie });
  assert.deepEqual(await told(response), [
    200,
    { gate_id: 'gate_in', action: 'open', status: 'accepted', command: 'c1' },
  ]);
  assert.deepEqual(office.back.commands, [
    {
      lane: 'gate_in',
      order: { op: 'gate', action: 'open', duration: 12_500 },
      actor: 'user:admin',
      reason: 'ambulance',
    },
  ]);
  assert.deepEqual((await audited(office)).slice(2), [
    ['user:admin', 'gate.open', 'gate_in', 'ambulance', 'started'],
    ['user:admin', 'gate.open', 'gate_in', 'ambulance', 'done'],
  ]);
});

test('sign-ins are in the audit log, the failed ones too', async (t) => {
  const office = await testOffice(t);
  await office.signIn();
  await office.post('/api/session', { name: 'admin', password: 'wrong' }, {});
  const rows = (await audited(office)) as string[][];
  assert.deepEqual(
    rows.map(([, action, target, , end]) => [action, target, end]),
    [
      ['sign_in', 'admin', 'started'],
      ['sign_in', 'admin', 'done'],
      ['sign_in', 'admin', 'started'],
      ['sign_in', 'admin', 'bad_credentials'],
    ],
  );
});

const refusals: readonly [string, number, string][] = [
  ['lane_unseen', 409, 'lane_unseen'],
  ['out_of_service', 409, 'out_of_service'],
  ['expired', 502, 'gateway_refused'],
  ['replayed', 502, 'gateway_refused'],
  ['bad_signature', 502, 'gateway_refused'],
  ['a_code_of_a_later_build', 502, 'gateway_refused'],
];
for (const [answer, status, code] of refusals) {
  test(`a lane that answers ${answer} is a ${status} ${code}`, async (t) => {
    const office = await testOffice(t);
    office.back.answer = () => outcome(answer);
    const [got, problem] = await told(await office.post('/api/gate/control/gate_in', { action: 'close' }));
    assert.deepEqual([got, problem.code], [status, code]);
    assert.deepEqual(((await audited(office)) as string[][]).at(-1)?.at(-1), code);
  });
}

test('a gateway that is not connected is a 503, and the attempt is on record', async (t) => {
  const office = await testOffice(t);
  office.back.change(lane('gate_in', 'in', { online: false }));
  const [status, problem] = await told(await office.post('/api/gate/control/gate_in', { action: 'open' }));
  assert.deepEqual([status, problem.code, problem.retryable], [503, 'gateway_offline', true]);
  assert.equal(((await audited(office)) as string[][]).at(-1)?.at(-1), 'gateway_offline');
});

test('an entry presents the credential of the card at the only entry lane', async (t) => {
  const office = await testOffice(t);
  office.back.cards.set('CARD_001', card('CARD_001', { credential: wiegand(34, 99) }));
  office.back.answer = () => outcome('approved', { session });
  const asked = { card_id: 'CARD_001', license_plate: 'b 1234 xyz' };
  const expected = { status: 'approved', gate_id: 'gate_in', session, card_id: 'CARD_001' };
  assert.deepEqual(await told(await office.post('/api/parking/entry', asked)), [200, expected]);
  const order = { op: 'entry', credential: 'w34:99', plate: 'B1234XYZ' };
  assert.deepEqual(
    office.back.commands.map((each) => each.order),
    [order],
  );
});

test('a label without a card is presented as such: the lane decides', async (t) => {
  const office = await testOffice(t);
  office.back.answer = () => outcome('unknown_credential');
  const [status, problem] = await told(await office.post('/api/parking/entry', { card_id: 'NEW_1' }));
  assert.deepEqual([status, problem.code], [403, 'unknown_credential']);
  assert.deepEqual(office.back.commands[0]?.order, { op: 'entry', credential: 'label:NEW_1', plate: null });
});

test('with several lanes of a direction, one must be named', async (t) => {
  const office = await testOffice(t);
  office.back.change(lane('gate_in_2', 'in'));
  const [status, problem] = await told(await office.post('/api/parking/entry', { card_id: 'CARD_001' }));
  assert.deepEqual([status, problem.code], [409, 'gate_ambiguous']);
  assert.deepEqual(problem.context, { candidates: ['gate_in', 'gate_in_2'] });
  office.back.answer = () => outcome('approved', { session });
  const named = await office.post('/api/parking/entry', { card_id: 'CARD_001', gate_id: 'gate_in_2' });
  assert.equal(named.status, 200);
  assert.equal(office.back.commands[0]?.lane, 'gate_in_2');
});

for (const [answer, status] of [
  ['settled', 200],
  ['awaiting_payment', 202],
] as const) {
  test(`an exit that is ${answer} is a ${status} with the quote`, async (t) => {
    const office = await testOffice(t);
    office.back.answer = () => outcome(answer, { session, quote });
    const response = await office.post('/api/parking/exit', { card_id: 'CARD_001', payment_method: 'qris' });
    const expected = { status: answer, gate_id: 'gate_out', session, card_id: 'CARD_001', quote };
    assert.deepEqual(await told(response), [status, expected]);
    assert.deepEqual(office.back.commands[0]?.order, { op: 'exit', credential: 'label:CARD_001', method: 'qris' });
  });
}

test('an answer without its session is refused, not passed on', async (t) => {
  const office = await testOffice(t);
  office.back.answer = () => outcome('settled', { session });
  const [status, problem] = await told(
    await office.post('/api/parking/exit', { card_id: 'CARD_001', payment_method: 'cash' }),
  );
  assert.deepEqual([status, problem.code], [502, 'gateway_refused']);
});

test('a capture answers where the photo will be', async (t) => {
  const office = await testOffice(t);
  office.back.answer = () => outcome('captured', { digest: someDigest, taken_at: 1_795_392_000_000 });
  const [, result] = await told(await office.post('/api/camera/capture/gate_in', undefined));
  const url = `/api/photos/${someDigest}`;
  assert.deepEqual(result, { gate_id: 'gate_in', digest: someDigest, url, taken_at: 1_795_392_000_000 });
  const [, log] = await told(await office.fetch('/api/audit'));
  const entries = log.entries as { action: string; target: string; outcome: string }[];
  const captures = entries.filter(({ action }) => action === 'camera.capture');
  assert.deepEqual(
    captures.map(({ target, outcome: end }) => [target, end]),
    [
      ['gate_in', 'done'],
      ['gate_in', 'started'],
    ],
  );
});

test('a frame that is asked for is waited for, with its age', async (t) => {
  const office = await testOffice(t);
  const { gate_id } = lane('gate_in', 'in').lane;
  const asked = office.fetch('/api/camera/frame/gate_in');
  while (office.back.watched.length === 0) await new Promise((turn) => setImmediate(turn));
  office.back.frame({ lane: gate_id, jpeg: Buffer.from('jpeg'), at: Date.now() });
  const response = await asked;
  assert.equal(response.headers.get('content-type'), 'image/jpeg');
  assert(Number(response.headers.get('x-frame-age')) < 1_000);
  assert.equal(await response.text(), 'jpeg');
});

test('pairing codes are given to those who manage gateways, and a wrong one is refused', async (t) => {
  const office = await testOffice(t);
  const made = await office.post('/api/gateways/pairing', { gateway: 'gw-in' });
  assert.deepEqual(await told(made), [200, { code: 'PAIR-CODE-0001', expires_at: 1 }]);
  const pair = (code: string) => office.post('/api/gateways/pair', { code, gateway: 'gw-in', public_key: 'key' }, {});
  assert.deepEqual(await told(await pair('PAIR-CODE-0001')), [200, { gateway: 'gw-in', hub_public_key: 'key' }]);
  const [status, problem] = await told(await pair('PAIR-CODE-0002'));
  assert.deepEqual([status, problem.code], [401, 'bad_credentials']);
});
