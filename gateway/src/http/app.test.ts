import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gatewayRoutes } from '@palang/contract/api/routes';
import type { ApiKey } from '@palang/contract/link/replica';
import { listen } from '../drivers/http/listen.js';
import { systemRandom } from '../drivers/system/random.js';
import { sha256 } from '../drivers/system/sha256.js';
import { createLog } from '../health/log.js';
import { FakeLane } from '../testing/fakeLane.js';
import { createApp } from './app.js';
import { createHandlers } from './handlers.js';

const KEY = 'pk_everything';
const READER = 'pk_reader';
const SESSION = 'gw-in:0123456789abcdef:7';
const keys: ApiKey[] = [
  {
    id: 'k1',
    hash: sha256(KEY),
    permissions: ['status:read', 'sessions:write', 'gate:control', 'camera:capture'],
  },
  { id: 'k2', hash: sha256(READER), permissions: ['status:read'] },
];

async function setup(t: TestContext, lanes = [new FakeLane('gate_in', 'in')]) {
  const lines: string[] = [];
  const log = createLog({ level: 'INFO', component: 'http', time: () => 'now', write: (line) => lines.push(line) });
  const surface = { gateway: 'gw-in', random: systemRandom, wall: () => 1_000, standAlone: () => true };
  const app = createApp({
    handlers: createHandlers({ ...surface, lanes: new Map(lanes.map((lane) => [lane.description.gate_id, lane])) }),
    random: systemRandom,
    sha256,
    log,
    apiKeyByHash: (hash) => keys.find((key) => key.hash === hash),
  });
  const place = { host: '127.0.0.1', port: 0, maxConnections: 100, requestTimeout: 10_000 };
  const server = await listen(app.callback(), place);
  t.after(() => server.close());
  const ask = async (method: string, path: string, options: { key?: string; body?: string; type?: string } = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      body: options.body ?? null,
      headers: {
        ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
        ...(options.body === undefined ? {} : { 'content-type': options.type ?? 'application/json' }),
      },
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  const post = (path: string, value: unknown, key = KEY) => ask('POST', path, { key, body: JSON.stringify(value) });
  return { server, place, ask, post, lanes, lines };
}

test('the status tells every lane, and that the gateway stands alone', async (t) => {
  const { ask } = await setup(t);
  const { status, body } = await ask('GET', '/api/status', { key: READER });
  assert.deepEqual([status, body.gateway, body.stand_alone], [200, 'gw-in', true]);
  assert.deepEqual(Object.keys(body.gates as object), ['gate_in']);
});

test('an entry is put to the lane with who asked, and answers with its session', async (t) => {
  const { post, lanes } = await setup(t);
  const [lane = assert.fail()] = lanes;
  lane.answer = { ok: true, outcome: 'approved', detail: { session: SESSION } };
  const { status, body } = await post('/api/parking/entry', { card_id: 'CARD_001', license_plate: 'B 1 X' });
  assert.deepEqual(
    [status, body],
    [200, { status: 'approved', gate_id: 'gate_in', session: SESSION, card_id: 'CARD_001' }],
  );
  assert.deepEqual(lane.orders[0]?.order, { op: 'entry', credential: 'CARD_001', plate: 'B 1 X' });
  assert.equal(lane.orders[0]?.by.actor, 'key:k1');
});

test('an exit that waits for its payment is 202, and gate control counts in seconds', async (t) => {
  const lane = new FakeLane('gate_out', 'out');
  const { post } = await setup(t, [lane]);
  const quote = { tariff: 't1', vehicle_class: 'car', minutes: 5, lines: [], amount: 0, flags: [] };
  lane.answer = { ok: true, outcome: 'awaiting_payment', detail: { session: SESSION, quote } };
  const exit = await post('/api/parking/exit', { card_id: 'CARD_001', payment_method: 'card' });
  assert.deepEqual([exit.status, exit.body.status, exit.body.quote], [202, 'awaiting_payment', quote]);
  await post('/api/gate/control', { action: 'open', duration: 1.5, reason: 'a trailer' });
  assert.deepEqual(lane.orders[1]?.order, { op: 'gate', action: 'open', duration: 1_500 });
});

test('a refusal of the lane is a problem with its code, its status, and the request id', async (t) => {
  const { post, lanes } = await setup(t);
  const [lane = assert.fail()] = lanes;
  lane.answer = { ok: false, code: 'no_vehicle', detail: {} };
  const busy = await post('/api/parking/entry', { card_id: 'CARD_001' });
  assert.deepEqual([busy.status, busy.body.code, busy.body.retryable], [409, 'no_vehicle', true]);
  assert.equal(busy.headers.get('content-type'), 'application/problem+json');
  assert.equal(busy.body.request_id, busy.headers.get('x-request-id'));
  lane.answer = { ok: false, code: 'something_inner', detail: {} };
  const inner = await post('/api/parking/entry', { card_id: 'CARD_001' });
  assert.deepEqual(
    [inner.status, inner.body.code, inner.body.context],
    [502, 'gateway_refused', { code: 'something_inner' }],
  );
});

test('the lane is chosen by name, by direction, or not at all', async (t) => {
  const { post } = await setup(t, [
    new FakeLane('gate_in', 'in'),
    new FakeLane('gate_in_2', 'in'),
    new FakeLane('gate_out', 'out'),
  ]);
  const code = async (path: string, value: unknown) => (await post(path, value)).body.code;
  const entry = { card_id: 'CARD_001' };
  assert.equal(await code('/api/parking/entry', entry), 'gate_ambiguous');
  assert.equal(await code('/api/parking/entry', { ...entry, gate_id: 'gate_out' }), 'wrong_direction');
  assert.equal(await code('/api/parking/entry', { ...entry, gate_id: 'gate_nine' }), 'unknown_gate');
  assert.equal(await code('/api/gate/control', { action: 'open' }), 'gate_ambiguous');
});

const matrix: [key: string | undefined, expected: (permission: string) => number | null][] = [
  [undefined, () => 401],
  ['pk_unknown', () => 401],
  [READER, (permission) => (permission === 'status:read' ? null : 403)],
  [KEY, () => null],
];

for (const [key, expected] of matrix) {
  test(`every route asks for its permission of ${key ?? 'nobody'}`, async (t) => {
    const { ask } = await setup(t);
    for (const [name, route] of Object.entries(gatewayRoutes)) {
      const { status } = await ask(route.method, route.path, key === undefined ? {} : { key });
      const refused = expected(route.permission);
      if (refused === null) assert.ok(status !== 401 && status !== 403, `${name} answered ${status}`);
      else assert.equal(status, refused, name);
    }
  });
}

const badBodies: [title: string, body: string | undefined, type: string | undefined, code: string, status: number][] = [
  ['no body', undefined, undefined, 'bad_body', 400],
  ['broken JSON', '{"card_id":', undefined, 'bad_body', 400],
  ['another type', 'card_id=1', 'application/x-www-form-urlencoded', 'unsupported_media_type', 415],
  ['a field of the wrong type', '{"card_id": 5}', undefined, 'bad_request', 400],
  ['a card that is no label', '{"card_id": "../../etc"}', undefined, 'bad_request', 400],
  ['300 KB', JSON.stringify({ card_id: 'x'.repeat(300_000) }), undefined, 'body_too_large', 413],
];

for (const [title, body, type, code, status] of badBodies) {
  test(`${title} is answered with ${code}, and the lane hears nothing`, async (t) => {
    const { ask, lanes } = await setup(t);
    const options = { key: KEY, ...(body === undefined ? {} : { body }), ...(type === undefined ? {} : { type }) };
    const answer = await ask('POST', '/api/parking/entry', options);
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
    assert.equal(lanes[0]?.orders.length, 0);
  });
}

test('an unknown path, another method and an inner failure are problems too, and only the log tells the failure', async (t) => {
  const { ask, post, lanes, lines } = await setup(t);
  assert.equal((await ask('GET', '/api/nothing', { key: KEY })).body.code, 'not_found');
  assert.equal((await ask('DELETE', '/api/status', { key: KEY })).body.code, 'method_not_allowed');
  const [lane = assert.fail()] = lanes;
  lane.execute = async () => {
    throw new Error('w26:1234567 fell over');
  };
  const { body } = await post('/api/gate/control', { action: 'open' });
  assert.equal(body.code, 'internal');
  assert.ok(!JSON.stringify(body).includes('fell over'));
  assert.ok(lines.some((line) => line.includes(String(body.request_id)) && line.includes('w26:****4567 fell over')));
});

test('a busy port is an error with a code that names it', async (t) => {
  const { server, place } = await setup(t);
  await assert.rejects(
    listen(() => undefined, { ...place, port: server.port }),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'port_in_use');
      return error.message.includes(String(server.port));
    },
  );
});

test('more connections than the limit are turned away, and the others go on', async (t) => {
  const server = await listen((_, response) => response.end('ok'), {
    host: '127.0.0.1',
    port: 0,
    maxConnections: 2,
    requestTimeout: 10_000,
  });
  t.after(() => server.close());
  const open = () => connect(server.port, '127.0.0.1');
  const held = [open(), open()];
  await Promise.all(held.map((socket) => new Promise((done) => socket.once('connect', done))));
  const third = open();
  third.on('error', () => undefined);
  await new Promise((done) => third.once('close', done));
  held[0]?.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const answer = await new Promise((done) => held[0]?.once('data', done));
  assert.match(String(answer), /200 OK/);
  for (const socket of held) socket.destroy();
});

test('a request that does not arrive in time is answered 408 and ended', async (t) => {
  const { place } = await setup(t);
  const server = await listen(() => undefined, { ...place, requestTimeout: 100 });
  t.after(() => server.close());
  const socket = connect(server.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => {
    answer += String(data);
  });
  socket.write('POST /api/parking/entry HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{');
  await new Promise((done) => socket.once('close', done));
  assert.match(answer, /^HTTP\/1.1 408/);
});

test('what a stranger sends is not read: the key is asked for first, whatever the body', async (t) => {
  const { ask } = await setup(t);
  for (const body of ['{"card_id":', JSON.stringify({ card_id: 'x'.repeat(300_000) })]) {
    const { status } = await ask('POST', '/api/parking/entry', { body });
    assert.equal(status, 401);
  }
});
