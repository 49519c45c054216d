import { CodedError } from '@palang/contract/errors';
import { DatabaseSync, type StatementSyncInstance } from '@photostructure/sqlite';

/**
 * The one seam to the SQLite library; nothing else in the tree imports it. The library has the interface of node:sqlite and brings its
 * binaries, so that it can be replaced by node:sqlite itself once Node 20 is dropped, here and only here.
 *
 * Every call is synchronous and blocks its thread: the gateway's journal therefore lives in a worker.
 */

/** What a column or a parameter can be. Booleans are refused on purpose: the library stores them as the text '1'. */
export type SqliteValue = null | number | bigint | string | Uint8Array;
export type SqliteRow = Record<string, SqliteValue>;
export type SqliteParameters = readonly SqliteValue[] | Readonly<Record<string, SqliteValue>>;

/** `sqlite_bad_value`: a parameter of a type that cannot be stored, or a stored integer beyond 2^53. The rest are SQLite's own families. */
export type SqliteErrorCode =
  | 'sqlite_cannot_open'
  | 'sqlite_not_a_database'
  | 'sqlite_corrupt'
  | 'sqlite_constraint'
  | 'sqlite_busy'
  | 'sqlite_full'
  | 'sqlite_io'
  | 'sqlite_readonly'
  | 'sqlite_bad_value'
  | 'sqlite_closed'
  | 'sqlite_error';

export interface SqliteStatement {
  run(parameters?: SqliteParameters): { readonly changes: number; readonly lastInsertRowid: number };
  get(parameters?: SqliteParameters): SqliteRow | undefined;
  all(parameters?: SqliteParameters): SqliteRow[];
  /** Column names of the result; empty for a statement that returns no rows. */
  columns(): string[];
}

export interface Sqlite {
  readonly path: string;
  readonly inTransaction: boolean;
  /** Runs one or more statements without parameters. */
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  /** BEGIN IMMEDIATE, `work`, COMMIT; rolled back and rethrown when anything throws. Not for nesting. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

export interface SqliteOptions {
  readonly readonly?: boolean;
  /** How long a statement waits (blocking this thread) for another connection's lock, ms. */
  readonly busyTimeout?: number;
}

/**
 * Opens or creates a database with WAL, synchronous=FULL (a commit is on the disk when it returns) and foreign keys on.
 * @throws CodedError of a SqliteErrorCode, with `errcode` (SQLite's extended result code) in `detail`; so does every later call.
 */
export function openSqlite(path: string, options: SqliteOptions = {}): Sqlite {
  const database = coded(
    'open',
    () =>
      new DatabaseSync(path, {
        readOnly: options.readonly ?? false,
        enableForeignKeyConstraints: true,
        timeout: options.busyTimeout ?? 1_000,
      }),
  );
  try {
    coded('pragma', () => {
      if (options.readonly !== true) database.exec('PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = FULL');
      // Touches the file's header: a file that is no database is told here, not at the first query.
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    path,
    get inTransaction() {
      return database.isTransaction;
    },
    exec: (sql) => coded(sql, () => database.exec(sql)),
    prepare: (sql) =>
      statement(
        sql,
        coded(sql, () => database.prepare(sql)),
      ),
    transaction(work) {
      coded('BEGIN', () => database.exec('BEGIN IMMEDIATE'));
      try {
        const result = work();
        coded('COMMIT', () => database.exec('COMMIT'));
        return result;
      } catch (error) {
        // SQLite has already rolled back by itself after some errors (disk full, I/O).
        if (database.isTransaction) coded('ROLLBACK', () => database.exec('ROLLBACK'));
        throw error;
      }
    },
    close() {
      // With statements still alive the library's close() leaves the connection, and the -wal, behind until they are garbage collected (1.2.1, no
      // finalize). So the file is made whole first.
      try {
        if (options.readonly !== true && database.isOpen && !database.isTransaction) {
          coded('checkpoint', () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
        }
      } finally {
        coded('close', () => database.close());
      }
    },
  };
}

function statement(sql: string, prepared: StatementSyncInstance): SqliteStatement {
  return {
    run: (parameters) =>
      coded(sql, () => prepared.run(...spread(parameters)) as { changes: number; lastInsertRowid: number }),
    get: (parameters) => coded(sql, () => prepared.get(...spread(parameters)) as SqliteRow | undefined),
    all: (parameters) => coded(sql, () => prepared.all(...spread(parameters)) as SqliteRow[]),
    columns: () => coded(sql, () => prepared.columns().map((column) => column.name)),
  };
}

function spread(parameters: SqliteParameters | undefined): readonly unknown[] {
  if (parameters === undefined) return [];
  return Array.isArray(parameters) ? parameters : [parameters];
}

/** By primary result code, the low byte of the extended one (https://sqlite.org/rescode.html). */
const families: Readonly<Record<number, SqliteErrorCode>> = {
  5: 'sqlite_busy',
  6: 'sqlite_busy',
  8: 'sqlite_readonly',
  10: 'sqlite_io',
  11: 'sqlite_corrupt',
  13: 'sqlite_full',
  14: 'sqlite_cannot_open',
  19: 'sqlite_constraint',
  26: 'sqlite_not_a_database',
};

function coded<Result>(sql: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, errcode } = error as { code?: unknown; errcode?: unknown };
    if (code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number') {
      throw new CodedError(families[errcode & 0xff] ?? 'sqlite_error', error.message, { sql, errcode });
    }
    if (code === 'ERR_INVALID_STATE') throw new CodedError('sqlite_closed', error.message, { sql });
    if (code === 'ERR_SQLITE_ERROR' || code === 'ERR_INVALID_ARG_TYPE' || code === 'ERR_OUT_OF_RANGE') {
      throw new CodedError('sqlite_bad_value', error.message, { sql });
    }
    throw error;
  }
}
