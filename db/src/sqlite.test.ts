import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { codeOf } from '@palang/contract/errors';
import { openSqlite } from './sqlite.js';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'palang-sqlite-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function codeThrown(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return codeOf(error);
  }
  return 'nothing thrown';
}

test('a database is opened in WAL mode with full synchronisation and foreign keys', (t) => {
  const database = openSqlite(join(folder(t), 'a.db'));
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')], ['wal', 2, 1]);
  database.close();
});

test('rows come back as they were stored, by position and by name', (t) => {
  const database = openSqlite(join(folder(t), 'a.db'));
  database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB) STRICT');
  assert.equal(database.prepare('INSERT INTO t VALUES (?, ?, ?)').run([1, 'x', new Uint8Array([7])]).changes, 1);
  database.prepare('INSERT INTO t VALUES ($a, $b, NULL)').run({ a: 2, b: 'y' });
  const select = database.prepare('SELECT a, b, c FROM t ORDER BY a');
  assert.deepEqual(select.columns(), ['a', 'b', 'c']);
  assert.deepEqual(
    select.all().map((row) => ({ ...row })),
    [
      { a: 1, b: 'x', c: new Uint8Array([7]) },
      { a: 2, b: 'y', c: null },
    ],
  );
  assert.equal(database.prepare('SELECT a FROM t WHERE a = ?').get([9]), undefined);
  database.close();
});

test('a transaction that throws leaves nothing behind', (t) => {
  const database = openSqlite(join(folder(t), 'a.db'));
  database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const twice = () =>
    database.transaction(() => {
      insert.run([1]);
      insert.run([1]);
    });
  assert.equal(codeThrown(twice), 'sqlite_constraint');
  assert.equal(database.inTransaction, false);
  assert.deepEqual({ ...database.prepare('SELECT count(*) AS n FROM t').get() }, { n: 0 });
  database.close();
});

test('a closed database is one complete file, though statements of it were in use', (t) => {
  const path = folder(t);
  const database = openSqlite(join(path, 'a.db'));
  database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  insert.run([1]);
  database.prepare('SELECT a FROM t').get();
  database.close();
  const log = readdirSync(path).find((name) => name === 'a.db-wal');
  assert.equal(log === undefined ? 0 : statSync(join(path, log)).size, 0);
  assert.equal(
    codeThrown(() => insert.run([2])),
    'sqlite_closed',
  );
});

test('every failure has a code', (t) => {
  const path = folder(t);
  const database = openSqlite(join(path, 'a.db'));
  writeFileSync(join(path, 'noise.db'), 'this is not a database, whatever its name says'.repeat(20));
  assert.equal(
    codeThrown(() => openSqlite(join(path, 'missing', 'a.db'))),
    'sqlite_cannot_open',
  );
  assert.equal(
    codeThrown(() => openSqlite(join(path, 'noise.db'))),
    'sqlite_not_a_database',
  );
  assert.equal(
    codeThrown(() => database.prepare('SELEC 1')),
    'sqlite_error',
  );
  assert.equal(
    codeThrown(() => database.prepare('SELECT 9007199254740993').get()),
    'sqlite_bad_value',
  );
  database.close();
  const reader = openSqlite(join(path, 'a.db'), { readonly: true });
  assert.equal(
    codeThrown(() => reader.exec('CREATE TABLE t (a)')),
    'sqlite_readonly',
  );
  reader.close();
});
