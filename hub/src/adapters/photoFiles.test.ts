import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { Digest } from '@palang/contract/ids';
import { connect } from '@palang/db/connect';
import { migrator } from '@palang/db/migrate';
import { machine } from '@palang/db/testing/engines';
import { createPhotos } from './photoFiles.js';

const code = (expected: string) => (error: unknown) => error instanceof CodedError && error.code === expected;
const digestOf = (bytes: Uint8Array) => Digest.parse(createHash('sha256').update(bytes).digest('hex'));

async function* pieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function album(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'palang-photos-'));
  const database = connect(join(folder, 'hub.db'), machine);
  await migrator(database, machine.clock).up();
  t.after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  const files = join(folder, 'photos');
  const names = async () => (await readdir(files, { recursive: true })).filter((name) => name.includes('.'));
  return { photos: createPhotos(files, database, machine.clock, machine.random), database, names };
}

test('a photo comes back byte for byte, and storing it again changes nothing', async (t) => {
  const { photos, database, names } = await album(t);
  const bytes = new Uint8Array(50_000).map((_, index) => index % 251);
  const digest = digestOf(bytes);
  await Promise.all([photos.store(digest, pieces(bytes)), photos.store(digest, pieces(bytes, 7_777))]);
  const found = await photos.open(digest);
  assert.equal(found?.bytes, 50_000);
  const back: Buffer[] = [];
  for await (const chunk of found.stream) back.push(chunk as Buffer);
  assert.deepEqual(new Uint8Array(Buffer.concat(back)), bytes);
  assert.equal((await names()).length, 1);
  assert.equal((await database.query('SELECT digest FROM photos')).length, 1);
});

test('bytes of another digest, too many bytes and an upload that breaks off leave no file behind', async (t) => {
  const { photos, names } = await album(t);
  const digest = digestOf(new Uint8Array([1, 2, 3]));
  await assert.rejects(photos.store(digest, pieces(new Uint8Array([1, 2, 4]))), code('photo_digest_mismatch'));
  const huge = new Uint8Array(5 * 1_048_576);
  await assert.rejects(photos.store(digestOf(huge), pieces(huge, 65_536)), code('photo_too_large'));
  const broken = async function* () {
    yield new Uint8Array([1, 2]);
    throw new Error('connection lost');
  };
  await assert.rejects(photos.store(digest, broken()), /connection lost/);
  assert.deepEqual(await names(), []);
  assert.equal(await photos.open(digest), null);
});
