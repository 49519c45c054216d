import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { hubRoutes } from '@palang/contract/api/routes';
import { WebSocket, WebSocketServer } from 'ws';
import { type HubError, PalangClient } from './client.js';
import type { SocketLike } from './live.js';
import { addresses } from './routes.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly body: unknown;
}

interface ScriptedHub {
  readonly client: PalangClient;
  readonly asked: Asked[];
  readonly sockets: WebSocketServer;
  /** What is answered next, else 200 `{}`. */
  readonly answers: { status: number; body: unknown; type?: string }[];
}

/** A hub that answers what the test says, and a client of it. */
async function scriptedHub(context: TestContext, attempts = 5): Promise<ScriptedHub> {
  const asked: Asked[] = [];
  const answers: ScriptedHub['answers'] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      asked.push({ method, url, key: headers.authorization, body: text === '' ? undefined : JSON.parse(text) });
      const { status, body, type = 'application/json' } = answers.shift() ?? { status: 200, body: {} };
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
    });
  });
  const sockets = new WebSocketServer({ server, path: '/ws' });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const client = new PalangClient({
    baseUrl: `http://127.0.0.1:${port}`,
    apiKey: 'pk_test',
    connect: (url, headers) => new WebSocket(url, { headers }) as unknown as SocketLike,
    live: { attempts, firstWait: 5, timeout: 500 },
  });
  context.after(() => {
    client.live.close();
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { client, asked, sockets, answers };
}

const event = <Name extends Parameters<PalangClient['on']>[0]>(client: PalangClient, name: Name): Promise<never> =>
  new Promise((resolve) => {
    const stop = client.on(name, (payload) => {
      stop();
      resolve(payload as never);
    });
  });

test('every route of the contract has its address', () => {
  const expected = Object.entries(hubRoutes).map(([name, route]) => [name, `${route.method} ${route.path}`]);
  assert.deepEqual(Object.entries(addresses).sort(), expected.sort());
});

test('calls send method, path, query, body and key', async (t) => {
  const { client, asked } = await scriptedHub(t);
  await client.controlGate('gate_in', 'open', 12, 'ambulance');
  await client.getEvents(41, 10);
  await client.parkingExit('CARD_001', 'qris');
  await client.simulateVehicleEntry('CARD_001', 'B 1 A');
  const key = 'Bearer pk_test';
  const open = { action: 'open', duration: 12, reason: 'ambulance' };
  assert.deepEqual(asked, [
    { method: 'POST', url: '/api/gate/control/gate_in', key, body: open },
    { method: 'GET', url: '/api/events?after=41&limit=10', key, body: undefined },
    { method: 'POST', url: '/api/parking/exit', key, body: { card_id: 'CARD_001', payment_method: 'qris' } },
    {
      method: 'POST',
      url: '/api/simulation/gate_in/vehicle',
      key,
      body: { card_id: 'CARD_001', license_plate: 'B 1 A' },
    },
  ]);
});

test('a path parameter cannot lead to another address', async (t) => {
  const { client, asked } = await scriptedHub(t);
  await client.captureImage('../../session');
  assert.equal(asked[0]?.url, '/api/camera/capture/..%2F..%2Fsession');
});

test('a problem is an error with its code, context and whether trying again may help', async (t) => {
  const { client, answers } = await scriptedHub(t);
  const problem = {
    code: 'lane_busy',
    detail: 'busy',
    retryable: true,
    request_id: 'r1',
    context: { state: 'opening' },
  };
  answers.push({ status: 409, body: problem, type: 'application/problem+json' });
  await assert.rejects(client.parkingEntry('CARD_001'), (error: HubError) => {
    const { code, status, retryable, requestId, detail } = error;
    assert.deepEqual(
      [code, status, retryable, requestId, detail],
      ['lane_busy', 409, true, 'r1', { state: 'opening' }],
    );
    return true;
  });
});

test('an answer that is not the hub’s, and no answer, are errors of their own', async (t) => {
  const { client, answers } = await scriptedHub(t);
  answers.push({ status: 502, body: 'a proxy speaks', type: 'text/html' });
  await assert.rejects(client.getSystemStatus(), { code: 'bad_answer', status: 502 });
  const nowhere = new PalangClient({ baseUrl: 'http://127.0.0.1:1', connect: () => assert.fail() });
  await assert.rejects(nowhere.getSystemStatus(), { code: 'unreachable', retryable: true });
});

test('not being ready is an answer, not an error', async (t) => {
  const { client, answers } = await scriptedHub(t);
  answers.push({ status: 503, body: { ready: false, reasons: ['database'] } });
  assert.deepEqual(await client.call('ready'), { ready: false, reasons: ['database'] });
});

test('one gate that fails does not keep the others from opening', async (t) => {
  const { client, answers } = await scriptedHub(t);
  answers.push({ status: 200, body: { gates: { gate_in: {}, gate_out: {} } } });
  answers.push({ status: 503, body: { code: 'gateway_offline' }, type: 'application/problem+json' });
  const outcomes = await client.openAllGates(5);
  assert.deepEqual(outcomes.map(({ ok }) => ok).sort(), [false, true]);
});

test('events arrive by name until they are no longer listened to', async (t) => {
  const { client, sockets } = await scriptedHub(t);
  sockets.on('connection', (socket) => {
    socket.send('not json');
    socket.send('{"type":"parking_capacity","payload":{"capacity":1,"occupied":0,"available":1,"over_by":0}}');
  });
  const heard: unknown[] = [];
  const stop = client.on('parking_capacity', (capacity) => heard.push(capacity.available));
  const told = event(client, 'parking_capacity');
  client.live.open();
  await told;
  assert.deepEqual(heard, [1]);
  assert.equal(client.live.malformed, 1);
  stop();
  const again = event(client, 'parking_capacity');
  for (const socket of sockets.clients) socket.send('{"type":"parking_capacity","payload":{"available":2}}');
  await again;
  assert.deepEqual(heard, [1]);
});

test('a request gets its own answer or its own error', async (t) => {
  const { client, sockets } = await scriptedHub(t);
  sockets.on('connection', (socket) =>
    socket.on('message', (data) => {
      const { id, payload } = JSON.parse(String(data)) as { id: string; payload: { gate_id: string } };
      const type = payload.gate_id === 'gate_in' ? 'gate_control_result' : 'error';
      // The second question is answered first.
      const delay = type === 'error' ? 0 : 20;
      setTimeout(() => socket.send(JSON.stringify({ type, id, payload: { code: 'lane_unseen', detail: '' } })), delay);
    }),
  );
  client.live.open();
  await event(client, 'connected');
  const ask = (gate: string) => client.live.request('gate_control', { gate_id: gate as never, action: 'close' });
  const [first, second] = await Promise.allSettled([ask('gate_in'), ask('gate_out')]);
  assert.equal(first.status, 'fulfilled');
  assert.equal(second.status === 'rejected' && second.reason.code, 'lane_unseen');
});

test('a request is sent now or not at all, and one that loses its connection is unknown', async (t) => {
  const { client, sockets } = await scriptedHub(t);
  const ask = () => client.live.request('gate_control', { gate_id: 'gate_in' as never, action: 'open' });
  await assert.rejects(ask(), { code: 'disconnected' });
  sockets.on('connection', (socket) => socket.on('message', () => socket.terminate()));
  client.live.open();
  await event(client, 'connected');
  await assert.rejects(ask(), { code: 'no_answer' });
});

test('a lost connection is made again, and events go on', async (t) => {
  const { client, sockets } = await scriptedHub(t);
  client.live.open();
  await event(client, 'connected');
  const lost = event(client, 'disconnected');
  const back = event(client, 'connected');
  for (const socket of sockets.clients) socket.close(1012);
  const { code, retryIn } = (await lost) as { code: number; retryIn: number };
  assert.equal(code, 1012);
  assert(retryIn >= 2.5 && retryIn <= 5);
  await back;
});

test('after the given attempts it gives up, until it is opened again', async (t) => {
  const { client, sockets } = await scriptedHub(t, 2);
  let refused = 0;
  sockets.options.verifyClient = (_: unknown, answer: (ok: boolean) => void) => {
    refused += 1;
    answer(refused > 3);
  };
  const waits: (number | null)[] = [];
  client.on('disconnected', ({ retryIn }) => waits.push(retryIn));
  const gaveUp = event(client, 'gave_up');
  client.live.open();
  assert.deepEqual(await gaveUp, { attempts: 2 });
  assert.equal(refused, 3);
  assert.deepEqual(
    waits.map((wait) => wait === null),
    [false, false, true],
  );
  const connected = event(client, 'connected');
  client.live.open();
  await connected;
});

test('opening again while the connection is being made does not make a second one', async (t) => {
  const { client, sockets } = await scriptedHub(t);
  const connected = event(client, 'connected');
  client.live.open();
  client.live.open();
  await connected;
  // A request that was answered has gone round: a second connection, asked for before it, would have been seen by now.
  sockets.clients.forEach((socket) => {
    socket.on('message', () => socket.send('{"type":"pong","id":"1","payload":{"time":1}}'));
  });
  await client.live.request('ping', {});
  assert.equal(sockets.clients.size, 1);
});
