import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { createPhotoFolder } from '../drivers/photos/photoFolder.js';
import { temporaryFolder } from '../testing/folder.js';
import { ManualClock } from '../testing/manualClock.js';
import { PhotoOutbox } from './outbox.js';

const jpeg = (byte: number) => new Uint8Array([0xff, 0xd8, byte, 0xff, 0xd9]);

async function setup(t: TestContext, path = temporaryFolder(t)) {
  const clock = new ManualClock();
  const uploads: { digest: string; token: string }[] = [];
  const refuse = new Map<string, string>();
  const hub = { code: null as string | null };
  const outbox = new PhotoOutbox({
    folder: createPhotoFolder(path, 1_000),
    clock,
    upload: async (digest, _, token) => {
      uploads.push({ digest, token });
      const code = refuse.get(digest) ?? hub.code;
      if (code !== null) throw new CodedError(code, 'no');
    },
    log: () => undefined,
  });
  await outbox.open();
  /** Files come and go on the machine's own time, so the test waits for what it expects rather than for a while. */
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((done) => setImmediate(done));
  };
  const files = () => readdirSync(path);
  return {
    outbox,
    clock,
    uploads,
    refuse,
    hub,
    path,
    until,
    files,
  };
}

test('a photo is named by its sha256, kept until the hub has it, and then let go', async (t) => {
  const { outbox, uploads, files, until } = await setup(t);
  const digest = await outbox.put(jpeg(1));
  assert.equal(digest, createHash('sha256').update(jpeg(1)).digest('hex'));
  assert.deepEqual([...((await outbox.get(digest)) ?? [])], [...jpeg(1)]);
  assert.equal(uploads.length, 0);
  outbox.linked('token-1');
  await until(() => files().length === 0);
  assert.deepEqual(uploads, [{ digest, token: 'token-1' }]);
  assert.equal(await outbox.get(digest), null);
});

test('photos of before a restart are sent after it, and half written ones are dropped', async (t) => {
  const first = await setup(t);
  await first.outbox.put(jpeg(1));
  await first.outbox.put(jpeg(2));
  writeFileSync(join(first.path, `${'0'.repeat(64)}.jpg.new`), 'half');
  const { outbox, uploads, files, until } = await setup(t, first.path);
  outbox.linked('token-2');
  await until(() => files().length === 0);
  assert.equal(uploads.length, 2);
});

test('a hub that fails is tried again with pauses, and loses no photo', async (t) => {
  const { outbox, clock, uploads, hub, files, until } = await setup(t);
  hub.code = 'hub_unreachable';
  outbox.linked('token-1');
  await outbox.put(jpeg(1));
  await until(() => uploads.length === 1);
  for (let tries = 2; tries < 6; tries++) {
    await clock.advance(60_000);
    await until(() => uploads.length >= tries);
  }
  assert.equal(files().length, 1);
  hub.code = null;
  await clock.advance(60_000);
  await until(() => files().length === 0);
});

test('a token that is refused waits for the next connection', async (t) => {
  const { outbox, clock, uploads, hub, files, until } = await setup(t);
  hub.code = 'upload_unauthorised';
  outbox.linked('old');
  await outbox.put(jpeg(1));
  await until(() => uploads.length === 1);
  outbox.linked(null);
  await clock.advance(600_000);
  assert.equal(uploads.length, 1);
  hub.code = null;
  outbox.linked('new');
  await until(() => files().length === 0);
  assert.equal(uploads.at(-1)?.token, 'new');
});

test('a photo that the hub will not take is set aside, and the others go', async (t) => {
  const { outbox, refuse, files, until } = await setup(t);
  const bad = await outbox.put(jpeg(1));
  await outbox.put(jpeg(2));
  refuse.set(bad, 'photo_refused');
  outbox.linked('token-1');
  await until(() => files().length === 1 && files()[0] === `${bad}.jpg.refused`);
});

test('when there is no room a photo is refused by its code', async (t) => {
  const { outbox } = await setup(t);
  await assert.rejects(outbox.put(new Uint8Array(2_000)), { code: 'photo_store_full' });
});

test('the same picture twice, also at once, is one photo and takes its room once', async (t) => {
  const path = temporaryFolder(t);
  const folder = createPhotoFolder(path, 1_000);
  await folder.open();
  const picture = new Uint8Array(600);
  const [one, two] = await Promise.all([folder.put(picture), folder.put(picture)]);
  assert.deepEqual([one, readdirSync(path)], [two, [`${one}.jpg`]]);
  await folder.remove(one);
  await folder.put(new Uint8Array(600).fill(1));
});

test('a picture that could not be written takes no room', async (t) => {
  const { outbox, path } = await setup(t);
  rmSync(path, { recursive: true });
  await assert.rejects(outbox.put(new Uint8Array(600)), { code: 'ENOENT' });
  mkdirSync(path);
  await outbox.put(new Uint8Array(600));
});

test('what the hub would not take counts as kept, also after a restart', async (t) => {
  const first = await setup(t);
  const bad = await first.outbox.put(new Uint8Array(600));
  first.refuse.set(bad, 'photo_refused');
  first.outbox.linked('token-1');
  await first.until(() => first.files()[0]?.endsWith('.refused') === true);
  const { outbox } = await setup(t, first.path);
  await assert.rejects(outbox.put(new Uint8Array(600).fill(1)), { code: 'photo_store_full' });
});
