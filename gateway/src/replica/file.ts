import { openSqlite, type Sqlite } from '@palang/db/sqlite';

export interface StoredRow {
  readonly table: string;
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

/** Moving SQLite's log into the file is what still costs an fsync here, so it is done seldom: every so many pages of 4 KB. */
const LOG_PAGES = 4_000;

/**
 * The replica's own file. It is a copy of what the hub can send again, so it is consistent at every moment but not forced to the disk: a commit here must
 * not hold up a lane for an fsync.
 */
export class ReplicaFile {
  readonly #path: string;
  readonly #setAside: (path: string) => string;
  #database: Sqlite | null = null;

  constructor(path: string, setAside: (path: string) => string) {
    this.#path = path;
    this.#setAside = setAside;
  }

  /** @returns what is stored; nothing when the file is new or could not be read (it is then set aside). */
  open(): { version: string | null; rows: StoredRow[]; setAside: string | null } {
    try {
      return { ...this.#load(), setAside: null };
    } catch {
      // Whatever is wrong with the file, the hub has the data: begin empty, with the file kept for whoever wants to know.
      this.#database?.close();
      const moved = this.#setAside(this.#path);
      return { ...this.#load(), setAside: moved };
    }
  }

  /** Stores changes and the version they lead to, whole or not at all. `everything`: the rows replace what was there. */
  store(
    version: string,
    changes: readonly { table: string; key: string; value: string | null }[],
    everything: boolean,
  ) {
    const database = this.#opened();
    const put = database.prepare(
      'INSERT INTO rows (tbl, key, value) VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value',
    );
    const drop = database.prepare('DELETE FROM rows WHERE tbl = ? AND key = ?');
    database.transaction(() => {
      if (everything) database.exec('DELETE FROM rows');
      for (const { table, key, value } of changes) {
        if (value === null) drop.run([table, key]);
        else put.run([table, key, value]);
      }
      database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('version', ?)").run([version]);
    });
  }

  close(): void {
    this.#database?.close();
    this.#database = null;
  }

  #load(): { version: string | null; rows: StoredRow[] } {
    this.#database = openSqlite(this.#path);
    const database = this.#database;
    database.exec(`
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = ${LOG_PAGES};
      CREATE TABLE IF NOT EXISTS rows (tbl TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (tbl, key)) STRICT, WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `);
    const version = database.prepare("SELECT value FROM meta WHERE key = 'version'").get();
    const rows = database.prepare('SELECT tbl, key, value FROM rows').all();
    return {
      version: version === undefined ? null : String(version.value),
      rows: rows.map((row) => ({ table: String(row.tbl), key: String(row.key), value: String(row.value) })),
    };
  }

  #opened(): Sqlite {
    if (this.#database === null) throw new Error('The replica is not open');
    return this.#database;
  }
}
