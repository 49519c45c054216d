import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMariaDb } from '@palang/db/testing/mariadb';
import { testHub } from './testing/hub.js';

test('the same hub on MariaDB: sign-in, keys, a command and the audit log, across a restart', async (t) => {
  const mariadb = await startMariaDb();
  t.after(() => mariadb.stop());
  const environment = { DATABASE_URL: await mariadb.createDatabase(), BOOTSTRAP_ADMIN_PASSWORD: 'kata-sandi-uji' };
  const hub = await testHub(t, environment);
  await hub.gateway('gw-in', 'gate_in', 'in');
  const input = { name: 'ADMIN', password: 'kata-sandi-uji' };
  assert.equal((await hub.client.call('signIn', { input })).name, 'admin');
  await assert.rejects(hub.client.call('signIn', { input: { ...input, password: 'wrong' } }), {
    code: 'bad_credentials',
  });
  const { id } = await hub.client.call('createKey', { input: { name: 'ключ 🚗 ', permissions: ['status:read'] } });
  await hub.client.openGateIn(5);
  await hub.stop();

  const again = await testHub(t, environment);
  await again.client.call('revokeKey', { params: { id } });
  await assert.rejects(again.client.call('revokeKey', { params: { id } }), { code: 'not_found' });
  await assert.rejects(again.client.openGateIn(), { code: 'gateway_offline' });
  const { verified, entries } = await again.client.call('audit', {});
  assert.equal(verified, true);
  assert.deepEqual(
    entries.filter(({ outcome }) => outcome !== 'started').map(({ action, outcome }) => `${action} ${outcome}`),
    [
      'gate.open gateway_offline',
      'key.revoke not_found',
      'key.revoke done',
      'gate.open done',
      'key.create done',
      'sign_in bad_credentials',
      'sign_in done',
      'gateway.pair done',
      'gateway.pairing_code done',
    ],
  );
});
