import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Digest } from '@palang/contract/ids';
import { MAX_MESSAGE_BYTES } from '@palang/contract/link/envelope';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LinkSocket } from '../../link/socket.js';
import { createDial } from './dial.js';
import { createHubHttp } from './http.js';

async function serve(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A dialled socket and what it told, with a way to wait for the next thing it tells. */
function listenTo(hub: string) {
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const tell = (what: string): void => {
    told.push(what);
    for (const wake of waiting.splice(0)) wake();
  };
  const socket: LinkSocket = createDial(hub)({
    opened: () => tell('opened'),
    text: (message) => tell(`text ${message.length > 40 ? message.length : message}`),
    closed: (reason) => tell(`closed ${reason}`),
  });
  const until = async (count: number): Promise<string[]> => {
    while (told.length < count) await new Promise<void>((done) => waiting.push(done));
    return told;
  };
  return { socket, until };
}

async function linkServer(t: TestContext) {
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/link' });
  const peer = new Promise<WebSocket>((done) => sockets.on('connection', done));
  const hub = await serve(t, server);
  return { hub, peer };
}

test('a dialled socket opens on /link, carries text both ways and tells its end once', async (t) => {
  const { hub, peer } = await linkServer(t);
  const { socket, until } = listenTo(hub);
  const heard = new Promise((done) => peer.then((one) => one.on('message', (data) => done(String(data)))));
  await until(1);
  socket.send('up');
  assert.equal(await heard, 'up');
  (await peer).send('down');
  (await peer).send(new Uint8Array([1, 2]));
  await until(3);
  (await peer).close(4409, 'replaced');
  assert.deepEqual(await until(4), ['opened', 'text down', 'text <binary>', 'closed 4409 replaced']);
  socket.send('into nothing');
  socket.close();
});

test('a message over the limit ends the connection instead of filling the memory', async (t) => {
  const { hub, peer } = await linkServer(t);
  const { until } = listenTo(hub);
  await until(1);
  (await peer).send('x'.repeat(MAX_MESSAGE_BYTES));
  (await peer).send('x'.repeat(MAX_MESSAGE_BYTES + 1));
  const told = await until(3);
  assert.equal(told[1], `text ${MAX_MESSAGE_BYTES}`);
  assert.match(told[2] ?? '', /^closed .*payload/i);
});

test('a hub that is not there, or is no hub, is told as closed', async (t) => {
  const free = createServer();
  const gone = await serve(t, free);
  await new Promise((done) => free.close(done));
  assert.match((await listenTo(gone).until(1))[0] ?? '', /^closed .*ECONNREFUSED/);
  const web = await serve(
    t,
    createServer((_, response) => response.end('hello')),
  );
  assert.match((await listenTo(web).until(1))[0] ?? '', /^closed/);
});

function answering(t: TestContext, status: number, body = '{}') {
  const asked: {
    method: string | undefined;
    url: string | undefined;
    authorization: string | undefined;
    body: Buffer;
  }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    asked.push({ method, url, authorization: headers.authorization, body: Buffer.concat(chunks) });
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? undefined : body);
  });
  return serve(t, server).then((hub) => ({ http: createHubHttp(hub), asked }));
}

const digest = Digest.parse('ab'.repeat(32));
const photo = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

test('a photo is put under its digest with the upload token', async (t) => {
  const { http, asked } = await answering(t, 204);
  await http.putPhoto(digest, photo, 'token-1');
  assert.deepEqual(asked, [
    { method: 'PUT', url: `/api/photos/${digest}`, authorization: 'Bearer token-1', body: Buffer.from(photo) },
  ]);
});

const refusals: [status: number, code: string][] = [
  [401, 'upload_unauthorised'],
  [404, 'upload_unauthorised'],
  [400, 'photo_refused'],
  [413, 'photo_refused'],
  [429, 'hub_unreachable'],
  [503, 'hub_unreachable'],
];
for (const [status, code] of refusals) {
  test(`an upload that is answered ${status} is ${code}`, async (t) => {
    const { http } = await answering(t, status);
    await assert.rejects(http.putPhoto(digest, photo, 'token-1'), { code });
  });
}

test('pairing hands the key over and returns the hub key; a refusal, a fault and a silence differ', async (t) => {
  const good = await answering(t, 200, '{"gateway":"gw-in","hub_public_key":"KEY"}');
  assert.equal(await good.http.pair('CODE-1234', 'gw-in', 'OURS'), 'KEY');
  assert.deepEqual(JSON.parse(String(good.asked[0]?.body)), {
    code: 'CODE-1234',
    gateway: 'gw-in',
    public_key: 'OURS',
  });
  const pair = async (status: number, body?: string) =>
    (await answering(t, status, body)).http.pair('CODE-1234', 'gw-in', 'OURS');
  await assert.rejects(pair(403), { code: 'pairing_refused' });
  await assert.rejects(pair(500), { code: 'hub_unreachable' });
  await assert.rejects(pair(429), { code: 'hub_unreachable' });
  await assert.rejects(pair(200, 'not json'), { code: 'hub_unreachable' });
  await assert.rejects(createHubHttp('http://127.0.0.1:1').pair('CODE-1234', 'gw-in', 'OURS'), {
    code: 'hub_unreachable',
  });
});
