import type { Sha256 } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Digest, Epoch, GateId, SubjectRef } from '@palang/contract/ids';
import { GENESIS, link } from '@palang/contract/link/chain';
import type { Subject } from '@palang/contract/link/envelope';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from '@palang/contract/link/limits';
import type { Sqlite, SqliteRow, SqliteStatement } from '@palang/db/sqlite';
import { FORMAT, schema } from './schema.js';
import type { Batch, Group, LaneRow, Opened, PruneRule } from './writer.js';

export interface StoreIdentity {
  readonly origin: string;
  /** Used when the file is new. */
  readonly newEpoch: Epoch;
}

/** How many of the last records are verified at each start; `verify` reads them all. */
const TAIL = 1_000;

/** SQLite's log may grow to so many pages of 4 KB before SQLite tidies up in the middle of a write. */
const LOG_PAGES = 4_000;

/**
 * Looked at by hand: this file runs on the journal's own thread, where the schema library would be loaded a second time (15 MB). The records themselves
 * are guarded by their chain.
 */
const EPOCH = /^[0-9a-f]{16}$/;
const SUBJECT = /^s[0-9a-f]{32}$/;
/** A reference as it stands in a record's JSON: a whole string of `s` and 32 hexadecimal digits. */
const REFERENCE = /"(s[0-9a-f]{32})"/g;

/**
 * The journal as SQL on one file: synchronous, one transaction per group, every record chained to the one before it.
 * @throws CodedError `journal_damaged` from the constructor and `verify` when the file cannot be trusted, else SQLite's own codes.
 */
export class JournalStore {
  readonly #database: Sqlite;
  readonly #sha256: Sha256;
  readonly #insertRecord: SqliteStatement;
  readonly #insertSubject: SqliteStatement;
  readonly #putLane: SqliteStatement;
  readonly #putNote: SqliteStatement;
  readonly #dropNote: SqliteStatement;
  readonly #recordsFrom: SqliteStatement;
  readonly #recordAt: SqliteStatement;
  readonly #subjectAt: SqliteStatement;
  readonly epoch: Epoch;
  #seq: number;
  #hash: Digest;

  constructor(database: Sqlite, identity: StoreIdentity, sha256: Sha256) {
    this.#database = database;
    this.#sha256 = sha256;
    if (Number(first(database, 'PRAGMA user_version')) === 0) create(database, identity);
    database.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    this.#recordsFrom = prepared(database, 'SELECT seq, text, hash FROM records WHERE seq >= ? ORDER BY seq LIMIT ?');
    this.#recordAt = prepared(database, 'SELECT text, hash FROM records WHERE seq = ?');
    this.#insertRecord = prepared(database, 'INSERT INTO records (seq, text, hash, wall) VALUES (?, ?, ?, ?)');
    this.#insertSubject = prepared(database, 'INSERT OR IGNORE INTO subjects (ref, kind, value) VALUES (?, ?, ?)');
    this.#subjectAt = prepared(database, 'SELECT ref, kind, value FROM subjects WHERE ref = ? AND value IS NOT NULL');
    this.#putLane = prepared(
      database,
      `INSERT INTO lanes (lane, state, stream, sequence) VALUES (?, ?, ?, ?) ON CONFLICT (lane) DO UPDATE SET
       state = coalesce(excluded.state, state), stream = coalesce(excluded.stream, stream), sequence = coalesce(excluded.sequence, sequence)`,
    );
    this.#putNote = prepared(
      database,
      'INSERT INTO notes (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#dropNote = prepared(database, 'DELETE FROM notes WHERE key = ?');
    if (this.#meta('format') !== String(FORMAT)) damaged('unknown format', { format: this.#meta('format') });
    if (this.#meta('origin') !== identity.origin) damaged('journal of another gateway', { of: this.#meta('origin') });
    const epoch = this.#meta('epoch');
    this.epoch = epoch !== null && EPOCH.test(epoch) ? (epoch as Epoch) : damaged('no epoch', {});
    const last = Number(first(database, 'SELECT coalesce(max(seq), 0) FROM records') ?? 0);
    const base = this.#base();
    this.#seq = Math.max(last, base.seq);
    this.#hash = this.#verifyFrom(Math.max(base.seq + 1, this.#seq - TAIL + 1), base);
  }

  /** Everything the main thread needs to go on from here. */
  opened(): Omit<Opened, 'setAside'> {
    return {
      epoch: this.epoch,
      seq: this.#seq,
      subjects: this.#database
        .prepare('SELECT ref, kind, value FROM subjects WHERE value IS NOT NULL')
        .all()
        .map(subjectRow),
      lanes: this.#database.prepare('SELECT * FROM lanes').all().map(laneRow),
      notes: this.#database
        .prepare('SELECT key, value FROM notes')
        .all()
        .map((row) => ({ key: String(row.key), value: String(row.value) })),
    };
  }

  /** One transaction, one fsync. Records that a repeated call had already stored are passed over. */
  write(group: Group): void {
    let seq = this.#seq;
    let hash = this.#hash;
    this.#database.transaction(() => {
      for (const record of group.records) {
        if (record.seq <= this.#seq) {
          this.#mustBeStored(record.seq, record.text);
          continue;
        }
        if (record.seq !== seq + 1)
          throw new CodedError('journal_gap', 'A record is missing', { seq, next: record.seq });
        hash = link(this.#sha256, hash, record.text);
        seq = record.seq;
        this.#insertRecord.run([record.seq, record.text, hash, record.wall]);
      }
      for (const subject of group.subjects) this.#insertSubject.run([subject.ref, subject.kind, subject.value]);
      for (const { lane, state, cause } of group.lanes) {
        this.#putLane.run([lane, state, cause?.stream ?? null, cause?.sequence ?? null]);
      }
      for (const { key, value } of group.notes) {
        if (value === null) this.#dropNote.run([key]);
        else this.#putNote.run([key, value]);
      }
    });
    this.#seq = seq;
    this.#hash = hash;
  }

  read(from: number): Batch {
    const records: string[] = [];
    const references = new Set<string>();
    let hash: Digest | null = this.hashOf(from - 1);
    let bytes = 0;
    for (const row of this.#recordsFrom.all([from, MAX_BATCH_RECORDS])) {
      // Where older records were pruned there is nothing to give, rather than something else.
      if (row.seq !== from + records.length) break;
      const text = String(row.text);
      bytes += Buffer.byteLength(text);
      if (records.length > 0 && bytes > MAX_BATCH_BYTES) break;
      records.push(text);
      hash = row.hash as Digest;
      for (const match of text.matchAll(REFERENCE)) references.add(match[1] ?? '');
    }
    const subjects = [...references].flatMap((ref) => this.#subjectAt.all([ref]).map(subjectRow));
    return { records, subjects, hash: hash ?? GENESIS };
  }

  hashOf(seq: number): Digest | null {
    if (seq === 0) return GENESIS;
    const base = this.#base();
    if (seq === base.seq) return base.hash;
    const row = this.#recordAt.get([seq]);
    return row === undefined ? null : (row.hash as Digest);
  }

  prune(rule: PruneRule): number {
    const through = Math.min(rule.through, this.#seq - rule.keep);
    const row = this.#database
      .prepare('SELECT max(seq) AS seq FROM records WHERE seq <= ? AND wall < ?')
      .get([through, rule.before]);
    const last = Number(row?.seq ?? 0);
    if (last === 0) return 0;
    const hash = this.hashOf(last) ?? GENESIS;
    return this.#database.transaction(() => {
      const put = this.#database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
      put.run(['pruned_seq', String(last)]);
      put.run(['pruned_hash', hash]);
      return this.#database.prepare('DELETE FROM records WHERE seq <= ?').run([last]).changes;
    });
  }

  tidy(): void {
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Reads the whole file: SQLite's own integrity check, then every link of the chain. */
  verify(): void {
    const integrity = first(this.#database, 'PRAGMA integrity_check');
    if (integrity !== 'ok') damaged('integrity check failed', { says: String(integrity).slice(0, 200) });
    const base = this.#base();
    this.#verifyFrom(base.seq + 1, base);
  }

  close(): void {
    this.#database.close();
  }

  /** @returns the last record's hash. */
  #verifyFrom(from: number, base: { seq: number; hash: Digest }): Digest {
    let previous = from === base.seq + 1 ? base.hash : this.hashOf(from - 1);
    if (previous === null) return damaged('record missing', { seq: from - 1 });
    for (let next = from; ; ) {
      const rows = this.#recordsFrom.all([next, 500]);
      for (const row of rows) {
        if (row.seq !== next) damaged('record missing', { seq: next });
        const hash: Digest = link(this.#sha256, previous, String(row.text));
        if (hash !== row.hash) damaged('chain broken', { seq: next });
        previous = hash;
        next += 1;
      }
      if (rows.length === 0) return previous;
    }
  }

  /** What the oldest kept record follows. */
  #base(): { seq: number; hash: Digest } {
    const seq = Number(this.#meta('pruned_seq') ?? 0);
    return { seq, hash: seq === 0 ? GENESIS : (this.#meta('pruned_hash') as Digest) };
  }

  #meta(key: string): string | null {
    const row = prepared(this.#database, 'SELECT value FROM meta WHERE key = ?').get([key]);
    return row === undefined ? null : String(row.value);
  }

  #mustBeStored(seq: number, text: string): void {
    const stored = this.#recordAt.get([seq]);
    if (stored?.text !== text) throw new CodedError('journal_conflict', 'Another record has this number', { seq });
  }
}

function create(database: Sqlite, identity: StoreIdentity): void {
  if (Number(first(database, 'SELECT count(*) FROM sqlite_schema') ?? 0) > 0) damaged('not a journal', {});
  database.transaction(() => {
    database.exec(schema);
    const put = database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
    put.run(['format', String(FORMAT)]);
    put.run(['origin', identity.origin]);
    put.run(['epoch', identity.newEpoch]);
  });
}

/** A statement over our own tables; that it cannot be prepared means that they are not there. */
function prepared(database: Sqlite, sql: string): SqliteStatement {
  try {
    return database.prepare(sql);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'sqlite_error') return damaged('tables missing', { sql });
    throw error;
  }
}

function first(database: Sqlite, sql: string): unknown {
  return Object.values(database.prepare(sql).get() ?? {})[0];
}

function subjectRow({ ref, kind, value }: SqliteRow): Subject {
  if (!SUBJECT.test(String(ref)) || (kind !== 'credential' && kind !== 'plate')) damaged('not a subject', { ref });
  return { ref: ref as SubjectRef, kind, value: String(value) };
}

function laneRow(row: SqliteRow): LaneRow {
  const cause = row.stream === null || row.sequence === null ? null : row;
  return {
    lane: row.lane as GateId,
    state: row.state === null ? null : String(row.state),
    cause: cause === null ? null : { stream: Number(cause.stream), sequence: Number(cause.sequence) },
  };
}

function damaged(reason: string, detail: Record<string, unknown>): never {
  throw new CodedError('journal_damaged', `The journal cannot be trusted: ${reason}`, detail);
}
