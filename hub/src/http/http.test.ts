import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Problem } from '@palang/contract/api/problem';
import { ADMIN_KEY, ADMIN_PASSWORD, type TestOffice, testOffice } from '../testing/office.js';

async function problemOf(response: Response): Promise<Problem> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = Problem.parse(await response.json());
  assert.equal(problem.status, response.status);
  assert.equal(problem.request_id, response.headers.get('x-request-id'));
  return problem;
}

const raw = (office: TestOffice, body: string, headers: Record<string, string>) =>
  fetch(`${office.url}/api/gate/control/gate_in`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, ...headers },
    body,
  });
const json = { 'content-type': 'application/json' };

test('a wrong request is a coded problem and moves nothing', async (t) => {
  const office = await testOffice(t);
  const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const cases: [string, Response, string][] = [
    ['no JSON', await raw(office, '{"action":', json), 'bad_body'],
    ['not UTF-8', await raw(office, '\u0000', json), 'bad_body'],
    ['an empty body', await raw(office, '', json), 'bad_body'],
    ['an unknown action', await raw(office, '{"action":"explode"}', json), 'bad_body'],
    ['a negative duration', await raw(office, '{"action":"open","duration":-1}', json), 'bad_body'],
    ['a huge duration', await raw(office, '{"action":"open","duration":1e308}', json), 'bad_body'],
    ['deep nesting', await raw(office, nested, json), 'bad_body'],
    [
      'another media type',
      await raw(office, 'action=open', { 'content-type': 'text/plain' }),
      'unsupported_media_type',
    ],
    ['compression', await raw(office, '{}', { ...json, 'content-encoding': 'gzip' }), 'unsupported_media_type'],
    [
      'a body over the limit',
      await raw(office, JSON.stringify({ action: 'x'.repeat(300_000) }), json),
      'body_too_large',
    ],
    ['an unknown address', await office.fetch('/api/nothing'), 'not_found'],
    ['another method', await office.fetch('/api/status', { method: 'DELETE' }), 'method_not_allowed'],
    ['an unknown gate', await office.post('/api/gate/control/gate_x', { action: 'open' }), 'unknown_gate'],
    ['a wrong query', await office.fetch('/api/events?limit=-3'), 'bad_request'],
    ['half a session', await office.fetch('/api/sessions?limit=0.5'), 'bad_request'],
    ['a cursor between two events', await office.fetch('/api/events?after=1.5'), 'bad_request'],
    ['a photo that is none', await office.fetch('/api/photos/..%2f..%2fhub.sqlite'), 'not_found'],
  ];
  for (const [what, response, code] of cases) assert.equal((await problemOf(response)).code, code, what);
  assert.deepEqual(office.back.commands, []);
  assert.equal((await office.fetch('/healthz')).status, 200);
});

test('what is wrong with a body is told by its path', async (t) => {
  const office = await testOffice(t);
  const problem = await problemOf(await office.post('/api/parking/entry', { card_id: 'no spaces please' }));
  assert.deepEqual(
    (problem.context as { issues: { path: string }[] }).issues.map(({ path }) => path),
    ['card_id'],
  );
});

test('an endless body is cut off at the limit, not read to its end', async (t) => {
  const office = await testOffice(t);
  const { hostname, port } = new URL(office.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path: '/api/parking/entry',
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${ADMIN_KEY}`, 'transfer-encoding': 'chunked' },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode);
        sent.destroy();
      },
    );
    sent.on('error', reject);
    const chunk = Buffer.alloc(65_536, 0x20);
    const more = () => {
      while (!sent.destroyed && sent.write(chunk));
    };
    sent.on('drain', more);
    more();
  });
  assert.equal(status, 413);
});

test('a client that never finishes its request does not hold a connection', async (t) => {
  const office = await testOffice(t, { config: { requestTimeout: 300 } });
  const socket = connect(Number(new URL(office.url).port), '127.0.0.1');
  socket.write('POST /api/parking/entry HTTP/1.1\r\nHost: hub\r\nContent-Le');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  assert.match(answer, /^HTTP\/1.1 408 /);
});

test('a request whose work never ends is given up', async (t) => {
  const office = await testOffice(t, { config: { requestTimeout: 200 } });
  office.back.answer = () => new Promise(() => {});
  const problem = await problemOf(await office.post('/api/gate/control/gate_in', { action: 'open' }));
  assert.deepEqual([problem.code, problem.retryable], ['not_ready', true]);
});

test('the request id of a client is taken over when it is one', async (t) => {
  const office = await testOffice(t);
  const asked = async (id: string) => {
    const response = await fetch(`${office.url}/healthz`, { headers: { 'x-request-id': id } });
    return response.headers.get('x-request-id');
  };
  assert.equal(await asked('client-00001'), 'client-00001');
  assert.notEqual(await asked('<script>'), '<script>');
});

test('an unexpected failure tells the client its request id and the log the rest', async (t) => {
  const office = await testOffice(t);
  office.back.answer = () => {
    throw new TypeError('secret details');
  };
  const response = await office.post('/api/gate/control/gate_in', { action: 'open' });
  const problem = await problemOf(response);
  assert.equal(problem.code, 'internal');
  assert.doesNotMatch(JSON.stringify(problem), /secret/);
  assert(office.log.lines.some((line) => line.includes('secret details') && line.includes(problem.request_id)));
});

test('plain http gets no header that would lock a browser out of it', async (t) => {
  const { headers } = await (await testOffice(t)).fetch('/api/status');
  const policy = headers.get('content-security-policy') ?? '';
  assert.equal(headers.get('strict-transport-security'), null);
  assert.doesNotMatch(policy, /upgrade-insecure-requests|unsafe/);
  assert.match(policy, /img-src 'self' data: blob:/);
  assert.match(policy, /connect-src 'self' ws:/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
});

test('the cookie is bound to the host and TLS where there is TLS', async (t) => {
  const office = await testOffice(t, { config: { trustProxy: true } });
  const credentials = { name: 'admin', password: ADMIN_PASSWORD };
  const plain = (await office.post('/api/session', credentials, {})).headers.get('set-cookie') ?? '';
  assert.match(plain, /^sid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  const tls = await office.post('/api/session', credentials, { 'x-forwarded-proto': 'https' });
  assert.match(tls.headers.get('set-cookie') ?? '', /^__Host-sid=[\w-]{43}; .*SameSite=Strict.*; Secure$/);
  assert.notEqual(tls.headers.get('strict-transport-security'), null);
});

test('without a trusted proxy its headers mean nothing', async (t) => {
  const office = await testOffice(t, { attemptLimits: { perName: 2, perAddress: 1_000 } });
  const guess = (ip: string) =>
    office.post(
      '/api/session',
      { name: 'admin', password: 'wrong' },
      { 'x-forwarded-for': ip, 'x-forwarded-proto': 'https' },
    );
  const statuses = [(await guess('1.1.1.1')).status, (await guess('2.2.2.2')).status, (await guess('3.3.3.3')).status];
  assert.deepEqual(statuses, [401, 401, 429]);
});

test('another site can make a browser send nothing', async (t) => {
  const office = await testOffice(t);
  const cookie = await office.signIn();
  const host = new URL(office.url).host;
  const send = (headers: Record<string, string>) =>
    office.post('/api/gate/control/gate_in', { action: 'open' }, { cookie, ...headers });
  assert.equal((await send({ 'sec-fetch-site': 'same-origin' })).status, 200);
  assert.equal((await send({ origin: `http://${host}` })).status, 200);
  assert.equal((await send({})).status, 200, 'a program with a cookie jar tells no origin');
  for (const foreign of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ]) {
    assert.equal((await problemOf(await send(foreign))).code, 'origin_refused', JSON.stringify(foreign));
  }
  const signIn = { name: 'admin', password: ADMIN_PASSWORD };
  assert.equal((await office.post('/api/session', signIn, { origin: 'http://evil.example' })).status, 403);
  assert.equal(office.back.commands.length, 3);
});

test('other origins may read only when they are configured, and never with cookies', async (t) => {
  const office = await testOffice(t, { config: { corsOrigins: ['https://office.example'] } });
  const preflight = (origin: string) =>
    fetch(`${office.url}/api/status`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
    });
  const known = await preflight('https://office.example');
  assert.equal(known.status, 204);
  assert.equal(known.headers.get('access-control-allow-origin'), 'https://office.example');
  assert.equal(known.headers.get('access-control-allow-credentials'), null);
  const foreign = await preflight('https://evil.example');
  assert.equal(foreign.headers.get('access-control-allow-origin'), null);
});

test('sign-in is locked after too many wrong passwords, also for the right one', async (t) => {
  const office = await testOffice(t);
  const signIn = (password: string) => office.post('/api/session', { name: 'admin', password }, {});
  for (let guess = 0; guess < 5; guess++) assert.equal((await signIn('wrong')).status, 401);
  const locked = await signIn(ADMIN_PASSWORD);
  assert.equal((await problemOf(locked)).code, 'too_many_requests');
  const wait = Number(locked.headers.get('retry-after'));
  assert(wait > 0 && wait <= 900);
});

test('signing in tells who and what, signing out ends it', async (t) => {
  const office = await testOffice(t);
  const cookie = await office.signIn();
  const me = await fetch(`${office.url}/api/session`, { headers: { cookie } });
  const { name, role, can } = (await me.json()) as { name: string; role: string; can: string[] };
  assert.deepEqual([name, role, can.includes('users:manage')], ['admin', 'admin', true]);
  const out = await fetch(`${office.url}/api/session`, { method: 'DELETE', headers: { cookie } });
  assert.equal(out.status, 204);
  assert.match(out.headers.get('set-cookie') ?? '', /^sid=;.*Max-Age=0/);
  assert.equal((await fetch(`${office.url}/api/session`, { headers: { cookie } })).status, 401);
});

test('the first run asks for the code in the log, and only then', async (t) => {
  const office = await testOffice(t, { config: { bootstrapAdminPassword: null } });
  const needed = async () => ((await (await office.fetch('/api/setup')).json()) as { needed: boolean }).needed;
  assert.equal(await needed(), true);
  const code = office.log.lines.join('\n').match(/[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}/)?.[0] ?? '';
  const user = { name: 'budi', password: 'kata sandi panjang' };
  assert.equal((await office.post('/api/setup', { code: 'AAAA-AAAA-AAAA', ...user }, {})).status, 401);
  const done = await office.post('/api/setup', { code, ...user }, {});
  assert.equal(done.status, 200);
  const cookie = done.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  assert.equal((await fetch(`${office.url}/api/status`, { headers: { cookie } })).status, 200);
  assert.equal(await needed(), false);
  assert.equal((await problemOf(await office.post('/api/setup', { code, ...user }, {}))).code, 'setup_done');
});

test('a busy port is an error that names it', async (t) => {
  const first = await testOffice(t);
  const port = Number(new URL(first.url).port);
  await assert.rejects(testOffice(t, { config: { port } }), (error: { code?: string; message?: string }) => {
    assert.equal(error.code, 'port_busy');
    assert.match(error.message ?? '', new RegExp(String(port)));
    return true;
  });
});

test('the page is served with its own rules for caching, and every page address gets it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'palang-pwa-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<title>Palang</title>');
  writeFileSync(join(folder, 'sw.js'), '// worker');
  writeFileSync(join(folder, 'assets', 'app-Ab12Cd34.js'), '// app');
  const office = await testOffice(t, { pwaFolder: folder });
  const get = async (path: string) => {
    const response = await fetch(office.url + path);
    return [response.status, response.headers.get('cache-control'), (await response.text()).slice(0, 30)];
  };
  assert.deepEqual(await get('/'), [200, 'no-cache', '<title>Palang</title>']);
  assert.deepEqual(await get('/sessions/open'), [200, 'no-cache', '<title>Palang</title>']);
  assert.deepEqual(await get('/sw.js'), [200, 'no-cache', '// worker']);
  assert.deepEqual(await get('/assets/app-Ab12Cd34.js'), [200, 'public, max-age=31536000, immutable', '// app']);
  for (const path of ['/assets/gone-12345678.js', '/api/gone', '/ws', '/link'])
    assert.equal((await get(path))[0], 404, path);
  assert.notEqual((await get('/..%2f..%2fetc%2fpasswd'))[2], 'root:');
});

test('without a built page the hub says how to build it', async (t) => {
  const office = await testOffice(t);
  const response = await fetch(office.url);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /npm run build/);
});

test('a hub that stops says so, lets the request under way finish and then refuses', async (t) => {
  const office = await testOffice(t);
  let finish = () => {};
  const asked = new Promise<void>((seen) => {
    office.back.answer = () =>
      new Promise((resolve) => {
        seen();
        finish = () => resolve({ id: '1', outcome: 'accepted', detail: {} });
      });
  });
  const opening = office.post('/api/gate/control/gate_in', { action: 'open' });
  await asked;
  const ready = async () => (await office.fetch('/readyz')).status;
  assert.equal(await ready(), 200);
  const stopped = office.office.stop();
  finish();
  assert.equal((await opening).status, 200);
  await stopped;
  const port = Number(new URL(office.url).port);
  await new Promise<void>((refused) => connect(port, '127.0.0.1').on('error', () => refused()));
});
