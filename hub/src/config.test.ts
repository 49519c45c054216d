import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { readConfig } from './config.js';

const noSecrets = (path: string): string => {
  throw new Error(`no file ${path}`);
};

test('an empty environment gives the documented defaults', () => {
  const config = readConfig({}, noSecrets);
  assert.equal(config.port, 8_000);
  assert.equal(config.databaseUrl, '.data/hub/hub.sqlite');
  assert.equal(config.simulation, false);
  assert.equal(config.maxConnections, 100);
  assert.equal(config.requestTimeout, 10_000);
  assert.equal(config.bootstrapAdminPassword, null);
});

test('a variable that is set to nothing counts as not set', () => {
  assert.equal(readConfig({ DATABASE_URL: '', BOOTSTRAP_API_KEY: '' }, noSecrets).bootstrapApiKey, null);
});

test('every wrong variable is named at once', () => {
  const wrong = {
    PORT: '70000',
    LOG_LEVEL: 'loud',
    SIMULATION_MODE: 'perhaps',
    SITE_CONTROL_URLS: '{"gate_in":',
    BOOTSTRAP_ADMIN_PASSWORD: 'short',
    BOOTSTRAP_API_KEY_FILE: '/nowhere',
    CORS_ORIGINS: 'not an origin',
  };
  assert.throws(
    () => readConfig(wrong, noSecrets),
    (error) => {
      assert(error instanceof CodedError);
      assert.equal(error.code, 'bad_configuration');
      for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(name));
      return true;
    },
  );
});

test('a secret may stand in a file, but not in both places', () => {
  const readSecret = (path: string) => (path === '/run/secrets/key' ? `pk_${'k'.repeat(30)}` : noSecrets(path));
  const environment = { BOOTSTRAP_API_KEY_FILE: '/run/secrets/key' };
  assert.equal(readConfig(environment, readSecret).bootstrapApiKey, `pk_${'k'.repeat(30)}`);
  const both = { ...environment, BOOTSTRAP_API_KEY: `pk_${'j'.repeat(30)}` };
  assert.throws(() => readConfig(both, readSecret), { code: 'bad_configuration' });
});

test('origins and site addresses are brought into one form', () => {
  const config = readConfig(
    {
      CORS_ORIGINS: 'https://office.example/, http://10.0.0.2:3000',
      SITE_CONTROL_URLS: '{"gate_in":"http://127.0.0.1:9001/"}',
    },
    noSecrets,
  );
  assert.deepEqual(config.corsOrigins, ['https://office.example', 'http://10.0.0.2:3000']);
  assert.deepEqual([...config.siteControlUrls], [['gate_in', 'http://127.0.0.1:9001']]);
});
