import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { ManualClock } from '../testing/manualClock.js';
import type { KeyFiles } from './files.js';
import { loadIdentity, verifier } from './identity.js';
import { Pairing } from './pairing.js';

function memoryFiles(content: Record<string, string> = {}): KeyFiles & { readonly content: Record<string, string> } {
  return {
    content,
    read: (path) => content[path] ?? null,
    write: (path, text) => {
      content[path] = text;
    },
    remove: (path) => {
      delete content[path];
    },
  };
}

const hubKey = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

function setup(content: Record<string, string>, answer: () => Promise<string>, code: string | null = null) {
  const files = memoryFiles(content);
  const clock = new ManualClock();
  const asked: string[] = [];
  const pairing = new Pairing({
    gateway: 'gw-in',
    identity: loadIdentity(files, 'key'),
    files,
    clock,
    hubKeyPath: 'hub.pub',
    codePath: 'pairing.json',
    code,
    pair: (given) => {
      asked.push(given);
      return answer();
    },
    log: () => undefined,
  });
  return { pairing, files, clock, asked };
}

test('the key is made once, read again at the next start, and its signature verifies', () => {
  const files = memoryFiles();
  const first = loadIdentity(files, 'key');
  const again = loadIdentity(files, 'key');
  assert.equal(again.publicKey, first.publicKey);
  const verify = verifier(first.publicKey);
  assert.equal(verify('text', again.sign('text')), true);
  assert.equal(verify('texts', again.sign('text')), false);
  assert.equal(verify('text', 'no signature'), false);
});

test('a key file with something else in it is told by its code, without its content', () => {
  for (const text of [
    'secret nonsense',
    generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  ]) {
    assert.throws(
      () => loadIdentity(memoryFiles({ key: text }), 'key'),
      (error: CodedError) => error.code === 'bad_key_file' && !JSON.stringify(error.detail).includes('secret'),
    );
  }
  assert.throws(() => verifier('AAAA'), { code: 'bad_hub_key' });
});

test('a dropped code is exchanged for the hub key and removed, and is not needed again', async () => {
  const { pairing, files, asked } = setup({ 'pairing.json': '{"code":"ABCD-EFGH"}' }, async () => hubKey);
  assert.equal(pairing.verify('x', 'y'), false);
  await pairing.ready();
  await pairing.ready();
  assert.deepEqual(
    [asked, files.content['hub.pub'], 'pairing.json' in files.content],
    [['ABCD-EFGH'], `${hubKey}\n`, false],
  );
});

test('without a code it waits until one is dropped', async () => {
  const { pairing, files, clock, asked } = setup({}, async () => hubKey);
  let ready = false;
  const waiting = pairing.ready().then(() => {
    ready = true;
  });
  await clock.advance(10_000);
  assert.equal(ready, false);
  files.write('pairing.json', '{"code":"ABCD-EFGH"}');
  await clock.advance(1_000);
  await waiting;
  assert.deepEqual(asked, ['ABCD-EFGH']);
});

test('a code dropped later, for a hub made anew, is used although a hub key is known', async () => {
  const { pairing, files, asked } = setup({ 'hub.pub': 'AAAA' }, async () => hubKey);
  files.write('pairing.json', '{"code":"NEW-CODE"}');
  await pairing.ready();
  assert.deepEqual([asked, files.content['hub.pub']], [['NEW-CODE'], `${hubKey}\n`]);
});

test('the code of the configuration is used while there is no hub key, and only then', async () => {
  const { pairing, asked } = setup({}, async () => hubKey, 'CONFIG-CODE');
  await pairing.ready();
  await pairing.ready();
  assert.deepEqual(asked, ['CONFIG-CODE']);
});

test('a hub that cannot be reached leaves the code where it is; a refused code is removed', async () => {
  let code = 'hub_unreachable';
  const { pairing, files } = setup({ 'pairing.json': '{"code":"ABCD-EFGH"}' }, async () => {
    throw new CodedError(code, 'no');
  });
  await assert.rejects(pairing.ready(), { code: 'hub_unreachable' });
  assert.ok('pairing.json' in files.content);
  code = 'pairing_refused';
  await assert.rejects(pairing.ready(), { code: 'pairing_refused' });
  assert.deepEqual(['pairing.json' in files.content, 'hub.pub' in files.content], [false, false]);
});

test('a pairing file that is no such thing does not keep a paired gateway from its hub', async () => {
  const { pairing, asked } = setup({ 'hub.pub': hubKey, 'pairing.json': 'garbage' }, async () => hubKey);
  await pairing.ready();
  assert.deepEqual(asked, []);
});

test('a pairing file that is no such thing, and a hub key that is none, are told and change nothing', async () => {
  const half = setup({ 'pairing.json': '{"code":' }, async () => hubKey);
  await assert.rejects(half.pairing.ready(), { code: 'bad_pairing_file' });
  const wrong = setup({ 'pairing.json': '{"code":"ABCD-EFGH"}' }, async () => 'AAAA');
  await assert.rejects(wrong.pairing.ready(), { code: 'bad_hub_key' });
  assert.equal('hub.pub' in wrong.files.content, false);
});
