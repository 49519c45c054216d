import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '@palang/db/connect';
import { migrator } from '@palang/db/migrate';
import { machine, onEachEngine } from '@palang/db/testing/engines';
import { createIngest } from './ingest.js';
import { sha256 } from './keys.js';
import { booksOf, oracle } from './testing/books.js';
import { shipAll, TestJournal } from './testing/journal.js';

function site(cars: number): TestJournal[] {
  const [entry, exit] = [new TestJournal('gw-in'), new TestJournal('gw-out')];
  for (let car = 0; car < cars; car += 1) {
    const session = entry.enters(`w26:${car % 5}`, 1_000_000 + car * 60_000, `B${car}XY`);
    if (car % 3 !== 0) exit.leaves(session, 1_030_000 + car * 60_000);
  }
  return [entry, exit];
}

const failOn = (error: unknown): never => assert.fail(String(error));

test("yesterday's database put back in place is healed by the gateways to the same books", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'palang-restore-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const journals = site(30);
  const path = join(folder, 'hub.db');
  const open = () => {
    const database = connect(path, machine);
    return { database, ingest: createIngest({ database, clock: machine.clock, sha256, report: failOn }) };
  };
  const first = open();
  await migrator(first.database, machine.clock).up();
  for (const journal of journals) await shipAll(first.ingest, journal, 20, 8);
  await first.database.close();
  await copyFile(path, join(folder, 'yesterday.db'));

  const today = open();
  for (const journal of journals) await shipAll(today.ingest, journal);
  const expected = await booksOf(today.database);
  await today.database.close();
  assert.deepEqual(expected.sessions, oracle(journals));

  for (const suffix of ['-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
  await copyFile(join(folder, 'yesterday.db'), path);
  const restored = open();
  t.after(() => restored.database.close());
  assert.equal((await restored.ingest.mark('gw-in' as never, journals[0]?.epoch as never))?.seq, 20);
  for (const journal of journals) await shipAll(restored.ingest, journal);
  assert.deepEqual(await booksOf(restored.database), expected);
});

test('a full disk is told to the gateway, and once there is room nothing is missing from the books', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'palang-full-'));
  const database = connect(join(folder, 'hub.db'), machine);
  t.after(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });
  await migrator(database, machine.clock).up();
  const ingest = createIngest({ database, clock: machine.clock, sha256, report: failOn });
  const journals = site(40);
  const pages = (limit: string) =>
    database.transaction(async (sql) => {
      const [row] = await sql.query<{ page_count: number }>('PRAGMA page_count');
      await sql.query(
        `PRAGMA max_page_count = ${limit === 'none' ? 1_000_000 : (row?.page_count ?? 0) + Number(limit)}`,
      );
    });
  let full = 0;
  for (const journal of journals) {
    // Each page more lets a little more in before the disk is full again.
    for (let room = 0; room < 12; room += 1) {
      await pages(String(room));
      await shipAll(ingest, journal, journal.records.length, 3).catch((error: unknown) => {
        assert.equal((error as { code?: string }).code, 'sqlite_full');
        full += 1;
      });
    }
    await pages('none');
    await shipAll(ingest, journal);
  }
  assert.ok(full > 4, `the disk was full ${full} times`);
  assert.deepEqual((await booksOf(database)).sessions, oracle(journals));
  assert.deepEqual(await database.query('SELECT code FROM attention'), []);
});

onEachEngine((engine) => {
  test('a hub killed at any moment of its ingest leaves books that the next one completes, nothing lost or doubled', async () => {
    const url = await engine.address();
    const database = connect(url, machine);
    await migrator(database, machine.clock).up();
    const journals = site(60);
    const child = fileURLToPath(new URL('./testing/ingestChild.js', import.meta.url));
    let acknowledged = 0;
    for (let kill = 0; kill < 8; kill += 1) {
      const hub = fork(child, [url], { serialization: 'advanced' });
      const exited = once(hub, 'exit');
      hub.send(
        journals.map(({ origin, epoch, records, hashes, subjects }) => ({ origin, epoch, records, hashes, subjects })),
      );
      // Killed after so many answers, each time in the middle of the next batch.
      let answers = 0;
      hub.on('message', (seq: number) => {
        answers += 1;
        acknowledged = Math.max(acknowledged, seq);
        if (answers === 2 + kill) hub.kill('SIGKILL');
      });
      assert.deepEqual(await exited, [null, 'SIGKILL']);
      const marks = await database.query<{ seq: number }>('SELECT seq FROM marks ORDER BY seq DESC');
      assert.ok((marks[0]?.seq ?? 0) >= acknowledged, 'what was acknowledged is there');
    }
    const ingest = createIngest({ database, clock: machine.clock, sha256, report: failOn });
    for (const journal of journals) await shipAll(ingest, journal);
    const books = await booksOf(database);
    assert.deepEqual(books.sessions, oracle(journals));
    assert.equal(
      books.records.length,
      journals.reduce((total, journal) => total + journal.records.length, 0),
    );
    assert.equal(
      books.payments.length,
      Object.values(books.sessions).reduce((total, session) => total + session.payments.length, 0),
    );
    await database.close();
  });
});
