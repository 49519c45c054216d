import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { DataTypes } from 'sequelize';
import { connect } from './connect.js';
import { upsert } from './database.js';
import { machine, onEachEngine } from './testing/engines.js';

const code = (expected: string) => (error: unknown) => error instanceof CodedError && error.code === expected;

test('an address of another kind of database is refused without repeating its password', () => {
  for (const url of ['postgres://me:secret@host/db', 'mysql://me:secret@host', 'sqlite://relative/path']) {
    assert.throws(
      () => connect(url, machine),
      (error) => code('bad_database_url')(error) && !String(error).includes('secret'),
    );
  }
});

onEachEngine((engine) => {
  const counter = async () => {
    const database = await engine.open();
    await database.execute('CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)');
    await database.insert('counter', ['id', 'n'], [[1, 0]]);
    const value = async () => (await database.query<{ n: number }>('SELECT n FROM counter WHERE id = ?', [1]))[0]?.n;
    return { database, value };
  };

  test('50 read-then-write transactions at once all count', async () => {
    const { database, value } = await counter();
    const lock = database.dialect === 'mysql' ? ' FOR UPDATE' : '';
    const add = () =>
      database.transaction(async (sql) => {
        const [row] = await sql.query<{ n: number }>(`SELECT n FROM counter WHERE id = 1${lock}`);
        await sql.execute('UPDATE counter SET n = ? WHERE id = 1', [(row?.n ?? Number.NaN) + 1]);
      });
    await Promise.all(Array.from({ length: 50 }, add));
    assert.equal(await value(), 50);
  });

  test('two transactions that lock two rows in opposite order both succeed in the end', async () => {
    const { database, value } = await counter();
    await database.insert('counter', ['id', 'n'], [[2, 0]]);
    let runs = 0;
    const both = (first: number, second: number) =>
      database.transaction(async (sql) => {
        runs += 1;
        await sql.execute('UPDATE counter SET n = n + 1 WHERE id = ?', [first]);
        await sql.execute('UPDATE counter SET n = n + 1 WHERE id = ?', [second]);
      });
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? both(1, 2) : both(2, 1))));
    assert.equal(await value(), 20);
    assert.ok(runs >= 20);
  });

  test('nothing of a transaction that throws remains, and its error comes out as it was', async () => {
    const { database, value } = await counter();
    const attempt = database.transaction(async (sql) => {
      await sql.execute('UPDATE counter SET n = 9 WHERE id = 1');
      throw new CodedError('changed_my_mind', 'no');
    });
    await assert.rejects(attempt, code('changed_my_mind'));
    assert.equal(await value(), 0);
  });

  test('a reader sees the last committed state while a transaction is under way', async () => {
    const { database, value } = await counter();
    await database.transaction(async (sql) => {
      await sql.execute('UPDATE counter SET n = 1 WHERE id = 1');
      assert.equal(await value(), 0);
    });
    assert.equal(await value(), 1);
  });

  test('a second row with the same key is a duplicate_key, and an upsert replaces it', async () => {
    const { database, value } = await counter();
    await assert.rejects(database.insert('counter', ['id', 'n'], [[1, 5]]), code('duplicate_key'));
    await database.insert('counter', ['id', 'n'], [[1, 5]], upsert(database.dialect, ['id'], ['n']));
    assert.equal(await value(), 5);
  });

  test('compare-and-set counts a matched row that already had the value', async () => {
    const { database } = await counter();
    assert.equal(await database.execute('UPDATE counter SET n = 0 WHERE id = 1 AND n = 0'), 1);
    assert.equal(await database.execute('UPDATE counter SET n = 0 WHERE id = 1 AND n = 7'), 0);
  });

  test('text of any kind and whole numbers up to 2^53 - 1 come back as they were', async () => {
    const database = await engine.open();
    const mysql = database.dialect === 'mysql';
    await database.execute(
      `CREATE TABLE held (t ${mysql ? 'MEDIUMTEXT CHARACTER SET utf8mb4' : 'TEXT'}, n ${mysql ? 'BIGINT' : 'INTEGER'})`,
    );
    const texts = ['it\'s \\ "quoted" %_', 'naïve 駐車場 🚗', '', '\u0001\t\n', '🅿️'.repeat(10_000)];
    const rows = texts.map((text, index) => [text, Number.MAX_SAFE_INTEGER - index] as const);
    await database.insert('held', ['t', 'n'], rows);
    const held = await database.query<{ t: string; n: number }>('SELECT t, n FROM held ORDER BY n DESC');
    assert.deepEqual(
      held.map(({ t, n }) => [t, n]),
      rows.map((row) => [...row]),
    );
  });

  test('writes through Sequelize, in and out of its transactions, take turns with ours', async () => {
    const { database, value } = await counter();
    const Counter = database.sequelize.define(
      'counter',
      { id: { type: DataTypes.INTEGER, primaryKey: true }, n: DataTypes.INTEGER },
      { tableName: 'counter', timestamps: false },
    );
    const ours = () =>
      database.transaction(async (sql) => {
        await sql.execute('UPDATE counter SET n = n + 1 WHERE id = 1');
        await sql.query('SELECT n FROM counter WHERE id = 1');
      });
    const single = () => Counter.increment('n', { where: { id: 1 } });
    const theirs = () =>
      database.sequelize.transaction(async (transaction) => {
        const row = await Counter.findByPk(1, { transaction, lock: transaction.LOCK.UPDATE, rejectOnEmpty: true });
        await row.increment('n', { transaction });
      });
    const all = Array.from({ length: 10 }, () => [ours(), single(), theirs()]).flat();
    await Promise.all(all);
    assert.equal(await value(), 30);
  });

  test('a Sequelize transaction that fails leaves nothing and lets the next writer in', async () => {
    const { database, value } = await counter();
    await assert.rejects(
      database.sequelize.transaction(async (transaction) => {
        await database.sequelize.query('UPDATE counter SET n = 3 WHERE id = 1', { transaction });
        await database.sequelize.query('INSERT INTO counter (id, n) VALUES (1, 1)', { transaction });
      }),
      (error) => error instanceof Error && error.name === 'SequelizeUniqueConstraintError',
    );
    await database.execute('UPDATE counter SET n = n + 1 WHERE id = 1');
    assert.equal(await value(), 1);
  });

  if (engine.name === 'SQLite') return;

  test('a server killed in the middle of a transaction and back again: the transaction is run again from its start', async () => {
    const { mariadb } = engine;
    const database = await engine.open();
    await database.execute('CREATE TABLE pairs (n INTEGER NOT NULL) ENGINE=InnoDB');
    let runs = 0;
    await database.transaction(async (sql) => {
      runs += 1;
      await sql.insert('pairs', ['n'], [[1]]);
      if (runs === 1) {
        await mariadb?.kill();
        await mariadb?.start();
      }
      await sql.insert('pairs', ['n'], [[1]]);
    });
    assert.equal(runs, 2);
    assert.equal((await database.query('SELECT n FROM pairs')).length, 2);
  });
});
