import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqlite } from '@palang/db/sqlite';
import { sha256 } from '../drivers/system/sha256.js';
import { temporaryFolder } from '../testing/folder.js';
import { origin, startedEntry, testJournal } from '../testing/journalPlace.js';
import { verifyJournal } from './verify.js';

test('a whole journal verifies while its gateway writes, and damage beyond the tail that a start looks at is found', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'journal.db');
  const { journal } = testJournal(folder);
  await journal.open();
  await Promise.all(Array.from({ length: 1_200 }, () => journal.append(startedEntry()).durable));
  assert.deepEqual(verifyJournal(path, origin, sha256), { epoch: journal.epoch, records: 1_200 });
  await journal.close();

  const database = openSqlite(path);
  database.prepare("UPDATE records SET text = replace(text, 'test', 'tess') WHERE seq = 100").run();
  database.close();
  const { journal: again } = testJournal(folder);
  assert.equal((await again.open()).setAside, null);
  await again.close();
  assert.throws(() => verifyJournal(path, origin, sha256), { code: 'journal_damaged', detail: { seq: 100 } });
});

test('what is not there is not made by looking for it', (t) => {
  const path = join(temporaryFolder(t), 'journal.db');
  assert.throws(() => verifyJournal(path, origin, sha256), { code: 'sqlite_cannot_open' });
});
