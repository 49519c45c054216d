import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Permission } from '@palang/contract/access/permissions';
import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { systemClock, systemRandom } from '../adapters/systemClock.js';
import type { Replica } from '../link/ports.js';
import { testDatabase } from '../testing/database.js';
import { createApiKeys } from './apiKeys.js';
import { createAttempts } from './attempts.js';
import { createAuthenticator } from './authenticate.js';
import { createSetup } from './setup.js';
import { createUsers } from './users.js';
import { createWebSessions, SESSION_LIFE } from './webSessions.js';

function recordingReplica(): Replica & { readonly rows: Map<string, unknown> } {
  const rows = new Map<string, unknown>();
  const version = '0000000000000000.1' as never;
  return {
    rows,
    version: () => version,
    put(table, key, row) {
      if (row === null) rows.delete(`${table}/${key}`);
      else rows.set(`${table}/${key}`, row);
      return version;
    },
    whenAcknowledged: async () => {},
  };
}

function steppedClock(): Clock & { ahead: number } {
  return {
    ...systemClock,
    ahead: 0,
    wall(): number {
      return systemClock.wall() + this.ahead;
    },
  };
}

const from = { ip: '10.0.0.9', agent: 'test' };

test('the first administrator signs in whatever the case of the name, and a second first one is refused', async (t) => {
  const users = createUsers(await testDatabase(t), systemClock);
  assert.equal(await users.any(), false);
  await users.createFirst('Budi', 'rahasia sekali');
  const budi = await users.signIn(' bUDI ', 'rahasia sekali');
  assert.equal(budi.role, 'admin');
  assert.deepEqual([...budi.can], Permission.options);
  await assert.rejects(users.createFirst('Siti', 'rahasia sekali'), { code: 'setup_done' });
});

test('an unknown name and a wrong password are refused alike', async (t) => {
  const users = createUsers(await testDatabase(t), systemClock);
  await users.createFirst('budi', 'rahasia sekali');
  const refused = (error: unknown) => error instanceof CodedError && `${error.code} ${error.message}`;
  const unknown = await users.signIn('siti', 'rahasia sekali').catch(refused);
  const wrong = await users.signIn('budi', 'rahasia sekal1').catch(refused);
  assert.equal(unknown, 'bad_credentials The name or the password is wrong');
  assert.equal(wrong, unknown);
});

test('passwords and session tokens are not in the database', async (t) => {
  const db = await testDatabase(t);
  const users = createUsers(db, systemClock);
  const user = await users.createFirst('budi', 'rahasia sekali');
  const token = await createWebSessions(db, users, systemClock, systemRandom).begin(user, from);
  const stored = JSON.stringify([await db.query('SELECT * FROM users'), await db.query('SELECT * FROM web_sessions')]);
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.match(stored, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.doesNotMatch(stored, /rahasia/);
  assert.equal(stored.includes(token), false);
});

test('a session in use slides, an unused one ends after twelve hours', async (t) => {
  const db = await testDatabase(t);
  const clock = steppedClock();
  const users = createUsers(db, clock);
  const sessions = createWebSessions(db, users, clock, systemRandom);
  const token = await sessions.begin(await users.createFirst('budi', 'rahasia sekali'), from);
  assert.equal((await sessions.find(token))?.prolonged, false);
  clock.ahead += SESSION_LIFE - 60_000;
  assert.equal((await sessions.find(token))?.prolonged, true);
  clock.ahead += SESSION_LIFE - 60_000;
  assert.notEqual(await sessions.find(token), null);
  clock.ahead += SESSION_LIFE + 1;
  assert.equal(await sessions.find(token), null);
});

test('signing out, and disabling a user, end a session at once', async (t) => {
  const db = await testDatabase(t);
  const users = createUsers(db, systemClock);
  const sessions = createWebSessions(db, users, systemClock, systemRandom);
  const user = await users.createFirst('budi', 'rahasia sekali');
  const [one, other] = [await sessions.begin(user, from), await sessions.begin(user, from)];
  await sessions.end(one);
  assert.equal(await sessions.find(one), null);
  assert.notEqual(await sessions.find(other), null);
  await db.execute('UPDATE users SET disabled_at = 1');
  assert.equal(await sessions.find(other), null);
});

test('a key is known by its hash, here and in the replica, until it is revoked', async (t) => {
  const db = await testDatabase(t);
  const replica = recordingReplica();
  const keys = createApiKeys(db, replica, systemClock, systemRandom);
  await keys.start(null);
  const { id, key } = await keys.create('erp', ['status:read']);
  assert.deepEqual([...(keys.find(key)?.can ?? [])], ['status:read']);
  assert.equal(JSON.stringify([...replica.rows, await db.query('SELECT * FROM api_keys')]).includes(key), false);

  const restarted = createApiKeys(db, replica, systemClock, systemRandom);
  await restarted.start(null);
  assert.equal(restarted.find(key)?.name, 'erp');
  await restarted.revoke(id);
  assert.equal(restarted.find(key), null);
  assert.equal(replica.rows.size, 0);
  await assert.rejects(restarted.revoke(id), { code: 'not_found' });
});

test('the key of the environment follows the environment', async (t) => {
  const db = await testDatabase(t);
  const replica = recordingReplica();
  const startWith = async (key: string | null) => {
    const keys = createApiKeys(db, replica, systemClock, systemRandom);
    await keys.start(key);
    return keys;
  };
  const [first, second] = [`pk_${'a'.repeat(32)}`, `pk_${'b'.repeat(32)}`];
  assert.deepEqual([...((await startWith(first)).find(first)?.can ?? [])], Permission.options);
  assert.notEqual((await startWith(first)).find(first), null);
  const changed = await startWith(second);
  assert.equal(changed.find(first), null);
  assert.notEqual(changed.find(second), null);
  assert.equal(replica.rows.size, 1);
  assert.equal((await startWith(null)).find(second), null);
  assert.equal(replica.rows.size, 0);
  assert.notEqual((await startWith(first)).find(first), null, 'an old key may come back');
});

test('set-up asks for the printed code, once', async (t) => {
  const db = await testDatabase(t);
  const setup = createSetup(createUsers(db, systemClock), systemRandom);
  const code = await setup.start(null);
  assert.match(code ?? '', /^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  assert.equal(setup.needed(), true);
  await assert.rejects(setup.carryOut('AAAA-AAAA-AAAA', 'budi', 'rahasia sekali'), { code: 'bad_credentials' });
  const typed = ` ${(code ?? '').toLowerCase().replaceAll('-', ' ')}`;
  assert.equal((await setup.carryOut(typed, 'budi', 'rahasia sekali')).name, 'budi');
  assert.equal(setup.needed(), false);
  await assert.rejects(setup.carryOut(code ?? '', 'siti', 'rahasia sekali'), { code: 'setup_done' });
});

test('a bootstrap password makes the administrator at the first start only', async (t) => {
  const users = createUsers(await testDatabase(t), systemClock);
  assert.equal(await createSetup(users, systemRandom).start('pertama-kali'), null);
  assert.equal(await createSetup(users, systemRandom).start('kedua-kali-ini'), null);
  await users.signIn('admin', 'pertama-kali');
  await assert.rejects(users.signIn('admin', 'kedua-kali-ini'), { code: 'bad_credentials' });
});

test('guesses are counted even when they come at the same time', async () => {
  const attempts = createAttempts({ perName: 5, perAddress: 100 });
  let judged = 0;
  const guess = () =>
    attempts.guard('sign_in', 'budi', '10.0.0.9', async () => {
      judged += 1;
      throw new CodedError('bad_credentials', 'no');
    });
  const outcomes = await Promise.all(Array.from({ length: 12 }, () => guess().catch((error: unknown) => error)));
  assert.equal(judged, 5);
  const refused = outcomes.filter((error) => error instanceof CodedError && error.code === 'too_many_requests');
  assert.equal(refused.length, 7);
  const wait = (refused[0] as CodedError).detail.retry_after;
  assert(typeof wait === 'number' && wait > 0 && wait <= 900);
  await attempts.guard('sign_in', 'siti', '10.0.0.9', async () => {});
  await attempts.guard('sign_in', 'budi', '10.0.0.10', async () => {});
});

test('all addresses of one IPv6 network are one guesser', async () => {
  const attempts = createAttempts({ perName: 3, perAddress: 100 });
  const guess = (address: string) =>
    attempts.guard('sign_in', 'budi', address, () => Promise.reject(new CodedError('bad_credentials', '')));
  for (const address of ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8:0:0:1:2:3:4']) {
    await assert.rejects(guess(address), { code: 'bad_credentials' });
  }
  await assert.rejects(guess('2001:db8::3:9'), { code: 'too_many_requests' });
  await assert.rejects(guess('2001:db8::1:2:3:4:5'), { code: 'bad_credentials' });
  await assert.rejects(guess('::ffff:10.0.0.1'), { code: 'bad_credentials' });
});

test('success forgets earlier failures of the name', async () => {
  const attempts = createAttempts({ perName: 3, perAddress: 100 });
  const fail = () =>
    attempts.guard('sign_in', 'budi', 'a', () => Promise.reject(new CodedError('bad_credentials', '')));
  for (let round = 0; round < 4; round++) {
    await assert.rejects(fail(), { code: 'bad_credentials' });
    await assert.rejects(fail(), { code: 'bad_credentials' });
    await attempts.guard('sign_in', 'budi', 'a', async () => {});
  }
});

test('an unknown key is refused, a session cookie under the wrong name is nobody', async (t) => {
  const db = await testDatabase(t);
  const users = createUsers(db, systemClock);
  const sessions = createWebSessions(db, users, systemClock, systemRandom);
  const keys = createApiKeys(db, recordingReplica(), systemClock, systemRandom);
  const authenticator = createAuthenticator(sessions, keys, createAttempts());
  const token = await sessions.begin(await users.createFirst('budi', 'rahasia sekali'), from);
  const asker = { ip: '10.0.0.9', secure: false };
  const cookie = { cookie: `theme=dark; sid=${token}` };
  assert.equal((await authenticator.identify({ ...asker, headers: cookie }))?.principal.name, 'budi');
  assert.equal(await authenticator.identify({ ...asker, secure: true, headers: cookie }), null);
  assert.equal(await authenticator.identify({ ...asker, headers: {} }), null);
  for (const authorization of ['Bearer pk_unknown', 'Basic YTpi', 'Bearer ', '']) {
    const headers = { authorization, ...cookie };
    await assert.rejects(authenticator.identify({ ...asker, headers }), { code: 'bad_credentials' });
  }
});
