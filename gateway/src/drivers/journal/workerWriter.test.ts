import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Epoch } from '@palang/contract/ids';
import { openJournal } from '../../journal/open.js';
import { temporaryFolder } from '../../testing/folder.js';
import { origin, place, startedEntry, testJournal } from '../../testing/journalPlace.js';
import { systemRandom } from '../system/random.js';
import { workerWriter } from './workerWriter.js';

const KILLS = 25;

test('a journal on its own thread stores, reads back and is found again', async (t) => {
  const folder = temporaryFolder(t);
  const options = { path: join(folder, 'journal.db'), origin, newEpoch: Epoch.parse(systemRandom.hex(8)) };
  const { journal } = testJournal(folder, { writer: workerWriter(options) });
  await journal.open();
  await Promise.all(Array.from({ length: 100 }, (_, i) => journal.append(startedEntry(`${i}`)).durable));
  assert.equal((await journal.read(37)).records.length, 64);
  assert.equal(await journal.hashOf(101), null);
  await journal.close();
  const { store, opened } = openJournal(place(folder), options);
  assert.deepEqual([opened.seq, opened.setAside], [100, null]);
  store.verify();
  store.close();
});

test('a closed writer goes on with the next call in the same journal, and refuses a damaged or an exchanged one in its place', async (t) => {
  const path = join(temporaryFolder(t), 'journal.db');
  const writer = workerWriter({ path, origin, newEpoch: Epoch.parse(systemRandom.hex(8)) });
  const group = (seq: number) => ({
    records: [{ seq, text: `{"seq":${seq}}`, wall: 0 }],
    subjects: [],
    lanes: [],
    notes: [],
  });
  await writer.open();
  await writer.write(group(1));
  await writer.close();
  await writer.write(group(2));
  assert.equal((await writer.read(1)).records.length, 2);
  await writer.close();

  renameSync(path, `${path}.away`);
  const other = openJournal(place(dirname(path)), { origin, newEpoch: Epoch.parse(systemRandom.hex(8)) });
  other.store.close();
  await assert.rejects(writer.write(group(3)), { code: 'journal_exchanged' });
  renameSync(`${path}.away`, path);
  await writer.write(group(3));
  await writer.close();

  writeFileSync(path, Buffer.alloc(8_192, 0x5a));
  await assert.rejects(writer.write(group(4)), { code: 'journal_damaged' });
  assert.deepEqual(readdirSync(dirname(path)).sort(), ['journal.db']);
  await writer.close();
});

test('the thread does without the schema library, which would be in memory twice', async () => {
  // Loads the worker's modules as the worker does; on a main thread it then ends with "Runs as a worker only".
  const watch = `import { writeSync } from 'node:fs'; export async function load(url, context, next) { writeSync(1, url + '\\n'); return next(url, context); }`;
  const hooks = `data:text/javascript,${encodeURIComponent(watch)}`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(hooks)});`;
  const worker = fileURLToPath(new URL('./journal.worker.js', import.meta.url));
  const args = ['--import', `data:text/javascript,${encodeURIComponent(register)}`, worker];
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const loaded: string[] = [];
  for await (const line of createInterface({ input: running.stdout })) loaded.push(line);
  assert.ok(loaded.some((url) => url.endsWith('/journal/store.js')));
  assert.deepEqual(
    loaded.filter((url) => url.includes('/zod/')),
    [],
  );
});

test('a thread that cannot open its file says why', async (t) => {
  const path = join(temporaryFolder(t), 'missing', 'journal.db');
  const writer = workerWriter({ path, origin, newEpoch: Epoch.parse(systemRandom.hex(8)) });
  await assert.rejects(writer.open(), { code: 'sqlite_cannot_open' });
});

test(`killed ${KILLS} times while writing, the journal has no gap and every record it had called durable`, async (t) => {
  const folder = temporaryFolder(t);
  const child = fileURLToPath(new URL('../../testing/journalChild.js', import.meta.url));
  for (let round = 0; round < KILLS; round++) {
    const running = spawn(process.execPath, [child, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let durable = 0;
    // Each round dies after another number of records, so that the kills fall on different moments of the write.
    const enough = 1 + ((round * 7) % 60);
    for await (const line of createInterface({ input: running.stdout })) {
      durable = Number(line);
      if (durable % 61 === enough) running.kill('SIGKILL');
    }
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
    const { store, opened } = openJournal(place(folder), { origin, newEpoch: Epoch.parse(systemRandom.hex(8)) });
    assert.equal(opened.setAside, null);
    assert.ok(durable > 0 && opened.seq >= durable, `round ${round}: ${opened.seq} stored, ${durable} called durable`);
    store.verify();
    store.close();
  }
});
