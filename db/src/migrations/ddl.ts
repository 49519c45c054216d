import type { Dialect, Sql } from '../database.js';

/** Column types that hold and compare the same on both engines. */
export function types(dialect: Dialect) {
  const mysql = dialect === 'mysql';
  return {
    /** ASCII names, hashes, closed words; usable in keys. Compared byte by byte. */
    name: (length: number) => (mysql ? `VARCHAR(${length}) CHARACTER SET ascii COLLATE ascii_bin` : 'TEXT'),
    /** Any text; usable in keys up to 700 characters. Compared byte by byte. */
    text: (length: number) => (mysql ? `VARCHAR(${length})` : 'TEXT'),
    /** Up to 16 MB. */
    long: mysql ? 'MEDIUMTEXT' : 'TEXT',
    /** Whole numbers up to 2^53: counts, rupiah, epoch ms, 0 or 1. */
    integer: mysql ? 'BIGINT' : 'INTEGER',
  };
}

/** A step must be re-runnable: MySQL commits each statement of a migration by itself, so one that was cut off begins again. */
export async function createTable(sql: Sql, table: string, lines: readonly string[]): Promise<void> {
  // utf8mb4_bin exists on every server, unlike the newer collations, and compares like SQLite does.
  const options = sql.dialect === 'mysql' ? ' ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin' : '';
  await sql.execute(`CREATE TABLE IF NOT EXISTS ${table} (\n  ${lines.join(',\n  ')}\n)${options}`);
}

export async function createIndex(sql: Sql, name: string, table: string, columns: string): Promise<void> {
  if (sql.dialect === 'sqlite') {
    await sql.execute(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns})`);
    return;
  }
  // MySQL has no IF NOT EXISTS for indexes.
  const there = await sql.query(
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?',
    [table, name],
  );
  if (there.length === 0) await sql.execute(`CREATE INDEX ${name} ON ${table} (${columns})`);
}

export async function dropTables(sql: Sql, tables: readonly string[]): Promise<void> {
  for (const table of tables) await sql.execute(`DROP TABLE IF EXISTS ${table}`);
}
