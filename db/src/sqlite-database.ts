import { CodedError, codeOf } from '@palang/contract/errors';
import type { Database, Sql, Value } from './database.js';
import { placeholders } from './database.js';
import { Queue } from './queue.js';
import { type Chance, retried, undo } from './retry.js';
import { sequelizeOver } from './sequelize-sqlite.js';
import { openSqlite, type Sqlite, type SqliteRow, type SqliteStatement, type SqliteValue } from './sqlite.js';

/** Waiting for another process blocks this thread: wait briefly, then retry with a pause. */
const BUSY = 100;
const KEPT_STATEMENTS = 200;

/**
 * SQLite behind the Database face: one handle that writes, behind one queue (concurrent writers on one file starve each other),
 * one handle that reads the last committed state meanwhile.
 */
export function sqliteDatabase(path: string, chance: Chance): Database {
  const queue = new Queue();
  const writer = openSqlite(path, { busyTimeout: BUSY });
  const reader = openSqlite(path, { busyTimeout: BUSY });
  reader.exec('PRAGMA query_only = ON');
  const [writes, reads] = [sqlOn(writer), sqlOn(reader)];
  const sequelize = sequelizeOver(path, queue, BUSY);
  return {
    dialect: 'sqlite',
    query: (sql, values) => reads.query(sql, values),
    execute: (sql, values) => retried(chance, () => queue.run(() => writes.execute(sql, values))),
    insert: (table, columns, rows, suffix) =>
      retried(chance, () => queue.run(() => writes.insert(table, columns, rows, suffix))),
    transaction: (work) =>
      retried(chance, () =>
        queue.run(async () => {
          coded(() => writer.exec('BEGIN IMMEDIATE'));
          try {
            const result = await work(writes);
            coded(() => writer.exec('COMMIT'));
            return result;
          } catch (error) {
            return await undo(error, () => {
              if (writer.inTransaction) writer.exec('ROLLBACK');
            });
          }
        }),
      ),
    sequelize,
    async close() {
      await queue.run(() => undefined);
      await sequelize.close();
      reader.close();
      writer.close();
    },
  };
}

function sqlOn(handle: Sqlite): Sql {
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared = handle.prepare(sql);
    if (statements.size >= KEPT_STATEMENTS) statements.clear();
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    dialect: 'sqlite',
    query: async <Row>(sql: string, values: readonly Value[] = []) =>
      coded(() => prepare(sql).all(values.map(bound)).map(unbound)) as Row[],
    execute: async (sql, values = []) => coded(() => prepare(sql).run(values.map(bound)).changes),
    async insert(table, columns, rows, suffix = '') {
      if (rows.length === 0) return;
      coded(() => {
        const one = prepare(
          `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${placeholders(columns.length)}) ${suffix}`,
        );
        for (const row of rows) one.run(row.map(bound));
      });
    },
  };
}

/**
 * The library binds a text only up to its first NUL (1.2.1) and says nothing. Bytes it keeps whole, in a TEXT column too, and no text equals
 * them; there are no other bytes in these databases, so what comes back as bytes was such a text.
 */
function bound(value: Value): SqliteValue {
  return typeof value === 'string' && value.includes('\0') ? Buffer.from(value) : value;
}

function unbound(row: SqliteRow): SqliteRow {
  for (const column in row) {
    const value = row[column];
    if (value instanceof Uint8Array) row[column] = Buffer.from(value).toString();
  }
  return row;
}

/** SQLite's SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE (https://sqlite.org/rescode.html). */
const DUPLICATE = new Set([1555, 2067]);

function coded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (DUPLICATE.has(Number(error.detail.errcode))) throw new CodedError('duplicate_key', error.message, error.detail);
    if (codeOf(error) === 'sqlite_busy') throw new CodedError('database_busy', error.message, error.detail);
    throw error;
  }
}
