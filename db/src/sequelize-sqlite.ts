import { CodedError } from '@palang/contract/errors';
import { type Options, Sequelize, Transaction } from 'sequelize';
import type { Queue } from './queue.js';
import { openSqlite, type Sqlite, type SqliteParameters } from './sqlite.js';

/** What Sequelize's SQLite dialect calls with: the driver's `this` carries the outcome of a write. */
type Done = (this: { lastID: number; changes: number } | undefined, error: Error | null, rows?: unknown[]) => void;

/** The driver says `this.constructor.name === 'Statement'`, and Sequelize looks at that name. */
class Statement {
  readonly lastID: number;
  readonly changes: number;
  constructor(lastID: number, changes: number) {
    this.lastID = lastID;
    this.changes = changes;
  }
}

const BEGIN = /^\s*BEGIN/i;
const END = /^\s*(COMMIT|ROLLBACK)(?!\s+TO)/i;
const READ = /^\s*(SELECT|PRAGMA|EXPLAIN)/i;

/**
 * Sequelize over the seam. It opens one handle by default and one more per transaction; each write, or whole transaction, waits in `queue` for its turn
 * with all other writers of this process, because a busy wait would block the thread that the holder needs.
 */
export function sequelizeOver(path: string, queue: Queue, busyTimeout: number): Sequelize {
  class Handle {
    readonly filename: string;
    readonly #handle: Sqlite;
    #leave: (() => void) | null = null;
    #last: Promise<void> = Promise.resolve();

    constructor(filename: string, _mode: number, opened: (error: Error | null) => void) {
      this.filename = filename;
      this.#handle = openSqlite(filename, { busyTimeout });
      queueMicrotask(() => opened(null));
    }

    /** The original serialises here; this one keeps the order by itself. */
    serialize(work: () => void): void {
      work();
    }

    run(sql: string, parameters?: SqliteParameters | Done, done?: Done): this {
      return this.#enqueue(sql, parameters, done, (prepared, values, finish) => {
        const { lastInsertRowid, changes } = prepared.run(values);
        finish.call(new Statement(lastInsertRowid, changes), null);
      });
    }

    all(sql: string, parameters?: SqliteParameters | Done, done?: Done): this {
      return this.#enqueue(sql, parameters, done, (prepared, values, finish) => {
        finish.call(new Statement(0, 0), null, prepared.all(values));
      });
    }

    close(done?: (error: Error | null) => void): void {
      void this.#last.then(() => {
        if (this.#handle.inTransaction) this.#handle.exec('ROLLBACK');
        this.#release();
        this.#handle.close();
        done?.(null);
      });
    }

    #enqueue(
      sql: string,
      parameters: SqliteParameters | Done | undefined,
      done: Done | undefined,
      act: (prepared: ReturnType<Sqlite['prepare']>, values: SqliteParameters | undefined, finish: Done) => void,
    ): this {
      const values = typeof parameters === 'function' ? undefined : parameters;
      const finish: Done = (typeof parameters === 'function' ? parameters : done) ?? (() => undefined);
      this.#last = this.#last.then(async () => {
        const alone = this.#leave === null && !READ.test(sql);
        if (alone) this.#leave = await queue.enter();
        let ended = alone && !BEGIN.test(sql);
        try {
          act(this.#handle.prepare(sql), values, finish);
          ended ||= END.test(sql);
        } catch (error) {
          // A transaction that could not begin holds nothing; one that could not commit is still open.
          ended ||= !this.#handle.inTransaction;
          finish.call(undefined, asDriverError(error));
        } finally {
          if (ended) this.#release();
        }
      });
      return this;
    }

    #release(): void {
      this.#leave?.();
      this.#leave = null;
    }
  }
  const options: Options = {
    dialect: 'sqlite',
    storage: path,
    logging: false,
    transactionType: Transaction.TYPES.IMMEDIATE,
    dialectModule: { Database: Handle, OPEN_READWRITE: 2, OPEN_CREATE: 4 },
  };
  return new Sequelize(options);
}

/** Sequelize tells errors apart by the driver's codes. */
function asDriverError(error: unknown): Error {
  if (!(error instanceof CodedError)) return error instanceof Error ? error : new Error(String(error));
  const codes: Readonly<Record<string, string>> = {
    sqlite_constraint: 'SQLITE_CONSTRAINT',
    sqlite_busy: 'SQLITE_BUSY',
  };
  const message = error.code === 'sqlite_constraint' ? `SQLITE_CONSTRAINT: ${error.message}` : error.message;
  return Object.assign(new Error(message), { code: codes[error.code] ?? 'SQLITE_ERROR' });
}
