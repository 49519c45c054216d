import assert from 'node:assert/strict';
import { copyFileSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOf } from '@palang/contract/errors';
import { Epoch, GateId } from '@palang/contract/ids';
import { GENESIS, link } from '@palang/contract/link/chain';
import { parseRecord } from '@palang/contract/link/events';
import { openSqlite } from '@palang/db/sqlite';
import { systemRandom } from '../drivers/system/random.js';
import { sha256 } from '../drivers/system/sha256.js';
import { temporaryFolder } from '../testing/folder.js';
import { origin, startedEntry, testJournal, testWriter } from '../testing/journalPlace.js';
import { settle } from '../testing/manualClock.js';
import { RETIRED } from './open.js';
import { JournalStore } from './store.js';
import type { Group, JournalWriter } from './writer.js';

const lane = GateId.parse('gate_in');

test('two appends in one turn are one transaction, numbered in call order and chained over the exact bytes', async (t) => {
  const folder = temporaryFolder(t);
  const inner = testWriter(folder);
  const groups: Group[] = [];
  const writer: JournalWriter = {
    ...inner,
    write: (group) => {
      groups.push(group);
      return inner.write(group);
    },
  };
  const { journal } = testJournal(folder, { writer });
  await journal.open();
  const first = journal.append(startedEntry('a'));
  const second = journal.append(startedEntry('b'));
  await Promise.all([first.durable, second.durable]);
  assert.equal(groups.length, 1);
  assert.deepEqual([first.events[0]?.seq, second.events[0]?.seq, journal.durableSeq], [1, 2, 2]);

  const batch = await journal.read(1);
  assert.deepEqual(
    batch.records.map((text) => parseRecord(text)),
    [...first.events, ...second.events].map((event) => ({ ok: true, event })),
  );
  let hash = GENESIS;
  for (const record of batch.records) hash = link(sha256, hash, record);
  assert.equal(batch.hash, hash);
  await journal.close();
});

test('epoch, numbers, lane state, notes and subjects are there again after a restart', async (t) => {
  const folder = temporaryFolder(t);
  const before = testJournal(folder).journal;
  await before.open();
  const ref = before.subject('plate', 'B1234XYZ');
  const entry = { ...startedEntry(), lane, state: '{"a":1}', cause: { stream: 7, sequence: 3 } };
  const { durable } = before.append(entry);
  await before.set('counter', '5');
  await durable;
  const { epoch } = before;
  await before.append({ drafts: [], lane, state: '{"a":2}', cause: null }).durable;
  await before.close();

  const after = testJournal(folder).journal;
  await after.open();
  assert.deepEqual([after.epoch, after.nextSeq, after.get('counter')], [epoch, 2, '5']);
  assert.deepEqual(after.laneState(lane), { state: '{"a":2}', cause: { stream: 7, sequence: 3 } });
  assert.deepEqual([after.subject('plate', 'B1234XYZ'), after.valueOf(ref)], [ref, 'B1234XYZ']);
  await after.close();
});

test('a batch carries the values behind the references that its records name, and no others', async (t) => {
  const { journal } = testJournal(temporaryFolder(t));
  await journal.open();
  const named = journal.subject('credential', 'w26:1');
  journal.subject('credential', 'w26:2');
  await journal.append({
    ...startedEntry(),
    drafts: [
      {
        kind: 'entry_denied',
        lane,
        session: null,
        data: { credential: named, card: null, reason: 'unknown_credential', source: 'reader' },
      },
    ],
  }).durable;
  const { subjects } = await journal.read(1);
  assert.deepEqual(
    subjects.map((subject) => ({ ...subject })),
    [{ ref: named, kind: 'credential', value: 'w26:1' }],
  );
  await journal.close();
});

test('a full disk refuses the group whole, and the group is stored once when there is room again', (t) => {
  const database = openSqlite(join(temporaryFolder(t), 'journal.db'));
  const store = new JournalStore(database, { origin, newEpoch: Epoch.parse(systemRandom.hex(8)) }, sha256);
  const group = (count: number): Group => ({
    records: Array.from({ length: count }, (_, i) => ({ seq: i + 1, text: 'x'.repeat(900), wall: 0 })),
    subjects: [],
    lanes: [],
    notes: [],
  });
  store.write(group(1));
  database.exec('PRAGMA max_page_count = 12');
  assert.throws(() => store.write(group(100)), { code: 'sqlite_full' });
  assert.equal(store.read(1).records.length, 1);
  database.exec('PRAGMA max_page_count = 100000');
  store.write(group(100));
  store.write(group(100));
  assert.equal(store.hashOf(100), store.read(100).hash);
  store.verify();
  store.close();
});

const damages: [title: string, damage: (path: string) => void][] = [
  [
    'a record was altered',
    (path) => {
      const database = openSqlite(path);
      database.prepare("UPDATE records SET text = replace(text, 'two', 'too') WHERE seq = 2").run();
      database.close();
    },
  ],
  [
    'a record is missing in the middle',
    (path) => {
      const database = openSqlite(path);
      database.prepare('DELETE FROM records WHERE seq = 2').run();
      database.close();
    },
  ],
  [
    'a table is missing',
    (path) => {
      const database = openSqlite(path);
      database.exec('DROP TABLE notes');
      database.close();
    },
  ],
  [
    'the header is overwritten',
    (path) => {
      writeSync(openSync(path, 'r+'), Buffer.alloc(4096, 0x5a), 0, 4096, 0);
    },
  ],
  [
    'a page is torn',
    (path) => {
      writeSync(openSync(path, 'r+'), Buffer.alloc(6_000, 0xff), 0, 6_000, 4_200);
    },
  ],
  [
    'it belongs to another gateway',
    (path) => {
      const database = openSqlite(path);
      database.prepare("UPDATE meta SET value = 'gw-other' WHERE key = 'origin'").run();
      database.close();
    },
  ],
];

for (const [title, damage] of damages) {
  test(`a journal is set aside whole and a new epoch begins when ${title}`, async (t) => {
    const folder = temporaryFolder(t);
    const before = testJournal(folder).journal;
    await before.open();
    for (const word of ['one', 'two', 'three']) await before.append(startedEntry(word)).durable;
    const { epoch } = before;
    await before.close();
    damage(join(folder, 'journal.db'));
    copyFileSync(join(folder, 'journal.db'), join(folder, 'copy'));

    const after = testJournal(folder).journal;
    const opened = await after.open();
    assert.notEqual(after.epoch, epoch);
    assert.equal(after.nextSeq, 1);
    assert.ok(opened.setAside?.path.includes('.damaged-'));
    await after.append(startedEntry()).durable;
    await after.close();
    assert.ok(readdirSync(folder).some((name) => name.includes('.damaged-')));
  });
}

test('a retired journal gives way to a new epoch, and lanes, notes and references go along', async (t) => {
  const folder = temporaryFolder(t);
  const before = testJournal(folder).journal;
  await before.open();
  const ref = before.subject('plate', 'B1234XYZ');
  await before.append({ ...startedEntry(), lane, state: '{"a":1}', cause: { stream: 7, sequence: 3 } }).durable;
  await before.set('own:x', 'kept');
  await before.set(RETIRED, 'the hub knows more');
  const { epoch } = before;
  await before.close();

  const after = testJournal(folder).journal;
  const { setAside } = await after.open();
  assert.equal(setAside?.reason, 'the hub knows more');
  assert.notEqual(after.epoch, epoch);
  assert.deepEqual(
    [after.nextSeq, after.valueOf(ref), after.get('own:x'), after.get(RETIRED)],
    [1, 'B1234XYZ', 'kept', null],
  );
  assert.deepEqual(after.laneState(lane), { state: '{"a":1}', cause: { stream: 7, sequence: 3 } });
  await after.close();
  const again = testJournal(folder).journal;
  assert.equal((await again.open()).setAside, null);
  await again.close();
});

test('only what is acknowledged, settled, old and beyond the newest is deleted, and the chain still verifies', async (t) => {
  const folder = temporaryFolder(t);
  const { journal, clock } = testJournal(folder, { keepFor: 1_000_000, keepRecords: 3 });
  await journal.open();
  for (let i = 0; i < 10; i++) await journal.append(startedEntry()).durable;
  await clock.advance(4_000_000);
  for (let i = 0; i < 2; i++) await journal.append(startedEntry()).durable;
  const hash = (await journal.read(12)).hash;
  const mark = { epoch: journal.epoch, seq: 12, hash };

  journal.acknowledged(mark, 4);
  await settle();
  assert.deepEqual([await journal.hashOf(3), (await journal.read(5)).records.length], [null, 8]);
  await clock.advance(3_600_000);
  journal.acknowledged(mark, 12);
  await settle();
  assert.equal((await journal.read(10)).records.length, 3, 'the newest three stay');
  assert.notEqual(await journal.hashOf(9), null);
  await journal.close();

  const again = testJournal(folder).journal;
  const opened = await again.open();
  assert.deepEqual([opened.setAside, again.nextSeq, again.epoch], [null, 13, journal.epoch]);
  await again.close();
});

test('the file is tidied up when nobody has appended for a while, not while records come', async (t) => {
  const folder = temporaryFolder(t);
  const inner = testWriter(folder);
  let tidied = 0;
  const tidy = async () => {
    tidied += 1;
    await inner.tidy();
  };
  const { journal, clock } = testJournal(folder, { writer: { ...inner, tidy } });
  await journal.open();
  for (let i = 0; i < 150; i++) {
    await journal.append(startedEntry()).durable;
    await clock.advance(i % 10 === 0 ? 1_900 : 0);
  }
  assert.equal(tidied, 0);
  await clock.advance(2_100);
  assert.equal(tidied, 1);
  await journal.append(startedEntry()).durable;
  await clock.advance(60_000);
  assert.deepEqual([tidied, (await journal.read(151)).records.length, clock.timers], [1, 1, 0]);
  await journal.close();
});

test('a disk that cannot be opened is told by its code and costs no journal its place', async (t) => {
  const { journal } = testJournal(join(temporaryFolder(t), 'missing'));
  await assert.rejects(journal.open(), (error) => codeOf(error) === 'sqlite_cannot_open');
});
