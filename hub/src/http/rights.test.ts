import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Permission, permissionsOf, Role } from '@palang/contract/access/permissions';
import { hubRoutes, type Route } from '@palang/contract/api/routes';
import { digestOf } from '../access/secrets.js';
import { lane, someDigest, UPLOAD_TOKEN } from '../testing/fakeBack.js';
import { type TestOffice, testOffice } from '../testing/office.js';

/** A well-formed request of every route; that it succeeds is not asked here, only that rights decide who gets that far. */
const bodies: Partial<Record<keyof typeof hubRoutes, unknown>> = {
  setup: { code: 'AAAA-AAAA-AAAA', name: 'x', password: 'long enough' },
  signIn: { name: 'nobody', password: 'wrong' },
  entry: { card_id: 'CARD_001' },
  exit: { card_id: 'CARD_001', payment_method: 'card' },
  gateControl: { action: 'open' },
  pairingCode: { gateway: 'gw-in' },
  pair: { code: 'WRONG-CODE', gateway: 'gw-in', public_key: 'x' },
  createKey: { name: 'made', permissions: ['keys:manage'] },
  simulateVehicle: { license_plate: 'B 1 A' },
};

async function ask(office: TestOffice, name: keyof typeof hubRoutes, headers: Record<string, string>): Promise<number> {
  const route: Route = hubRoutes[name];
  const path = route.path.replace(':gate_id', 'gate_in').replace(':digest', someDigest).replace(':id', 'no-such-key');
  const body = bodies[name];
  const response = await fetch(office.url + path, {
    method: route.method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function insertKey(office: TestOffice, permissions: readonly Permission[]): Promise<string> {
  const response = await office.post('/api/keys', { name: 'test', permissions });
  const { key } = (await response.json()) as { key: string };
  return key;
}

/** A signed-in user of each role, put into the database as an administrator would. */
async function signedIn(office: TestOffice, role: Role): Promise<string> {
  const { db } = office.back;
  const token = `token-of-${role}`;
  await db.insert(
    'users',
    ['id', 'name', 'name_key', 'role', 'password_hash', 'created_at'],
    [[role, `a ${role}`, `a ${role}`, role, 'none', 1]],
  );
  await db.insert(
    'web_sessions',
    ['token_hash', 'user_id', 'created_at', 'seen_at', 'expires_at', 'ip', 'agent'],
    [[digestOf(token), role, 1, Date.now(), Date.now() + 60_000, '', '']],
  );
  return `sid=${token}`;
}

function prepare({ back }: TestOffice): void {
  back.answer = (_, order) => ({ id: '1', outcome: order.op === 'gate' ? 'accepted' : 'no_vehicle', detail: {} });
  back.picture = { lane: lane('gate_in', 'in').lane.gate_id, jpeg: Buffer.from('jpeg'), at: Date.now() };
}

const names = Object.keys(hubRoutes) as (keyof typeof hubRoutes)[];
const open = { simulation: true };
const refused = (status: number) => status === 401 || status === 403;

test('without credentials, and with wrong ones, only the open routes answer', async (t) => {
  const office = await testOffice(t, { config: open, attemptLimits: { perName: 1_000, perAddress: 1_000 } });
  prepare(office);
  for (const name of names) {
    const { permission } = hubRoutes[name];
    const nobody = await ask(office, name, {});
    const stranger = await ask(office, name, { authorization: `Bearer pk_${'x'.repeat(32)}` });
    const stale = await ask(office, name, { cookie: 'sid=gone' });
    if (permission === null) {
      // Sign-in, set-up and pairing judge what is in the body.
      const judged = ['setup', 'signIn', 'pair'].includes(name);
      for (const status of [nobody, stranger, stale])
        assert.equal(refused(status), false || (judged && status === 401), name);
    } else {
      assert.deepEqual([nobody, stranger, stale], [401, 401, 401], name);
    }
  }
  assert.deepEqual(office.back.commands, [], 'nothing was sent to a gateway');
});

test('a key gets through exactly where it has the permission', async (t) => {
  const office = await testOffice(t, { config: open });
  prepare(office);
  for (const permission of Permission.options) {
    const only = { authorization: `Bearer ${await insertKey(office, [permission])}` };
    const rest = Permission.options.filter((other) => other !== permission);
    const allBut = { authorization: `Bearer ${await insertKey(office, rest)}` };
    for (const name of names) {
      if (hubRoutes[name].permission !== permission) continue;
      assert.equal(refused(await ask(office, name, only)), false, `${name} with ${permission}`);
      assert.equal(await ask(office, name, allBut), 403, `${name} without ${permission}`);
    }
  }
});

test('nobody makes a key with rights of which they have none', async (t) => {
  const office = await testOffice(t);
  const minter = { authorization: `Bearer ${await insertKey(office, ['keys:manage', 'status:read'])}` };
  const more = await office.post('/api/keys', { name: 'more', permissions: ['status:read', 'gate:control'] }, minter);
  assert.equal(more.status, 403);
  const less = await office.post('/api/keys', { name: 'less', permissions: ['status:read'] }, minter);
  assert.equal(less.status, 200);
});

test('each role may do what its permissions say and nothing else', async (t) => {
  const office = await testOffice(t, { config: open });
  prepare(office);
  for (const role of Role.options) {
    const headers = { cookie: await signedIn(office, role), 'sec-fetch-site': 'same-origin' };
    for (const name of names.filter((each) => each !== 'signOut')) {
      const { permission } = hubRoutes[name];
      if (permission === null || permission === 'gateway') continue;
      const may = permission === 'signed_in' || permissionsOf[role].includes(permission);
      assert.equal(await ask(office, name, headers).then(refused), !may, `${role} ${name}`);
    }
  }
});

test('photos are taken from a connected gateway only', async (t) => {
  const office = await testOffice(t);
  const put = (token: string) =>
    fetch(`${office.url}/api/photos/${someDigest}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}` },
      body: 'jpeg',
    });
  assert.equal((await put('guessed')).status, 401);
  assert.equal((await put(UPLOAD_TOKEN)).status, 204);
  const seen = await office.fetch(`/api/photos/${someDigest}`);
  assert.equal(await seen.text(), 'jpeg');
  assert.match(seen.headers.get('cache-control') ?? '', /private.*immutable/);
});

test('the simulation exists only in simulation', async (t) => {
  const office = await testOffice(t);
  assert.equal((await office.post('/api/simulation/gate_in/vehicle', bodies.simulateVehicle)).status, 404);
});
