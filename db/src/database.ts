import type { Sequelize } from 'sequelize';

/** What a column can hold. Instants are epoch ms, amounts whole rupiah, booleans 0 or 1: the same on every engine. */
export type Value = string | number | null;

export type Dialect = 'sqlite' | 'mysql';

/** Raw SQL with `?` for each value. What both engines understand is written once; where they differ, ask `dialect`. */
export interface Sql {
  readonly dialect: Dialect;
  /** The rows of a SELECT. The caller names the type of the columns it asked for. */
  query<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>;
  /** The number of rows matched by an INSERT, UPDATE or DELETE. @throws CodedError `duplicate_key` */
  execute(sql: string, values?: readonly Value[]): Promise<number>;
  /**
   * Adds rows with as few statements as fit; `suffix` follows the values (an upsert clause).
   * @throws CodedError `duplicate_key`; on SQLite rows before the offending one are in, so use a transaction.
   */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
    suffix?: string,
  ): Promise<void>;
}

export interface Database extends Sql {
  /**
   * Runs `work` in one transaction. A deadlock, a lock timeout or a connection lost before the commit throws everything away and runs `work`
   * again from its start (a few times, with jitter), so `work` must keep nothing between runs. On SQLite one writer at a time; never nest.
   * @throws what `work` throws, after a rollback; CodedError `database_busy` when every attempt met a lock; `database_lost` when
   * the server cannot be reached; `database_storage` when it cannot write; `outcome_unknown` when the connection went away while the commit was under way.
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** The same database for models, migrations and administration. Its writes queue with ours. Not for the hot path. */
  readonly sequelize: Sequelize;
  close(): Promise<void>;
}

/** The clause that makes an insert replace what has the same key. `key` and `columns` are column names. */
export function upsert(dialect: Dialect, key: readonly string[], columns: readonly string[]): string {
  if (dialect === 'mysql') {
    return `ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(', ')}`;
  }
  const sets = columns.map((column) => `${column} = excluded.${column}`).join(', ');
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sets}`;
}

/** `?, ?, ?` for `count` values. */
export function placeholders(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
