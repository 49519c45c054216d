import mysql from 'mysql2/promise';
import { placeholders, type Value } from '../database.js';
import { openSqlite, type SqliteStatement } from '../sqlite.js';

/** One statement as it reached an engine: values for `?`, or rows of an insert. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
  /** Set for a multi-row insert; `sql` is then the text before VALUES and `suffix` the one after. */
  readonly rows: readonly (readonly Value[])[] | null;
  readonly suffix: string;
}

export interface RawDriver {
  /** One transaction of these statements, durable when it resolves. */
  write(statements: readonly Statement[]): Promise<void>;
  close(): Promise<void>;
}

/** The engine's driver with nothing around it: what a ledger of ours is measured against. */
export async function rawDriver(url: string): Promise<RawDriver> {
  return url.startsWith('mysql:') ? rawMysql(url) : rawSqlite(url.replace('sqlite://', ''));
}

async function rawMysql(url: string): Promise<RawDriver> {
  const connection = await mysql.createConnection(url);
  return {
    async write(statements) {
      await connection.query('START TRANSACTION');
      for (const { sql, values, rows, suffix } of statements) {
        if (rows === null) await connection.query(sql, [...values]);
        else {
          const row = `(${placeholders(rows[0]?.length ?? 0)})`;
          await connection.query(`${sql} VALUES ${rows.map(() => row).join(', ')} ${suffix}`, rows.flat());
        }
      }
      await connection.query('COMMIT');
    },
    close: () => connection.end(),
  };
}

async function rawSqlite(path: string): Promise<RawDriver> {
  const handle = openSqlite(path);
  const prepared = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const statement = prepared.get(sql) ?? handle.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    async write(statements) {
      handle.transaction(() => {
        for (const { sql, values, rows, suffix } of statements) {
          if (rows === null) prepare(sql).run(values);
          else {
            const one = prepare(`${sql} VALUES (${placeholders(rows[0]?.length ?? 0)}) ${suffix}`);
            for (const row of rows) one.run(row);
          }
        }
      });
    },
    async close() {
      handle.close();
    },
  };
}
