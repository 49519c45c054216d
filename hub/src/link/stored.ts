import type { Sha256 } from '@palang/contract/clock';
import type { Digest, Epoch, Origin } from '@palang/contract/ids';
import { GENESIS } from '@palang/contract/link/chain';
import type { Mark } from '@palang/contract/link/envelope';
import type { Sql } from '@palang/db/database';
import { chain, type Run } from './records.js';

export async function readMark(sql: Sql, origin: Origin, epoch: Epoch): Promise<Mark | null> {
  const [row] = await sql.query<{ seq: number; hash: Digest }>(
    'SELECT seq, hash FROM marks WHERE origin = ? AND epoch = ?',
    [origin, epoch],
  );
  return row === undefined ? null : { epoch, seq: row.seq, hash: row.hash };
}

export interface Repeat {
  /** The first record that differs from what is stored under its name; null when all are the same, or cannot be compared. */
  readonly conflict: { readonly seq: number; readonly hash: Digest; readonly record: string } | null;
}

/** Compares the part of a run that is stored already (up to seq `have`) with what is stored, by their chain hashes. */
export async function findRepeat(sql: Sql, sha256: Sha256, run: Run, have: number): Promise<Repeat> {
  const rows = await sql.query<{ seq: number; hash: Digest }>(
    'SELECT seq, hash FROM events WHERE origin = ? AND epoch = ? AND seq BETWEEN ? AND ?',
    [run.origin, run.epoch, run.from - 1, Math.min(have, run.from + run.records.length - 1)],
  );
  const stored = new Map(rows.map((row) => [row.seq, row.hash]));
  const previous = run.from === 1 ? GENESIS : stored.get(run.from - 1);
  if (previous === undefined) return { conflict: null };
  for (const [index, hash] of chain(sha256, previous, run.records.slice(0, have - run.from + 1)).entries()) {
    const seq = run.from + index;
    const known = stored.get(seq);
    const record = run.records[index];
    if (known !== undefined && known !== hash && record !== undefined) return { conflict: { seq, hash, record } };
  }
  return { conflict: null };
}

/** The hashes of events that are stored under the names of a run, whatever the mark says. */
export async function storedHashes(sql: Sql, run: Run): Promise<Map<number, Digest>> {
  const rows = await sql.query<{ seq: number; hash: Digest }>(
    'SELECT seq, hash FROM events WHERE origin = ? AND epoch = ? AND seq BETWEEN ? AND ?',
    [run.origin, run.epoch, run.from, run.from + run.records.length - 1],
  );
  return new Map(rows.map((row) => [row.seq, row.hash]));
}
