import type { Digest, Epoch, GateId } from '@palang/contract/ids';
import type { Subject } from '@palang/contract/link/envelope';
import type { DeviceMessageId } from '../ports/receipt.js';

export interface RecordLine {
  readonly seq: number;
  /** The exact bytes that are hashed, stored and shipped. */
  readonly text: string;
  /** When it was appended, epoch ms by the own clock; decides only how long it is kept. */
  readonly wall: number;
}

export interface LaneRow {
  readonly lane: GateId;
  /** Null leaves the stored state as it is. */
  readonly state: string | null;
  /** Null leaves the stored cause as it is. */
  readonly cause: DeviceMessageId | null;
}

/** What is stored in one transaction. */
export interface Group {
  readonly records: readonly RecordLine[];
  readonly subjects: readonly Subject[];
  readonly lanes: readonly LaneRow[];
  readonly notes: readonly { readonly key: string; readonly value: string | null }[];
}

export interface Batch {
  records: string[];
  subjects: Subject[];
  /** Chain hash of the last record; of `from - 1` when there is none. */
  hash: Digest;
}

export interface PruneRule {
  /** Records up to here are acknowledged and settled. */
  readonly through: number;
  /** Only records appended before this, epoch ms. */
  readonly before: number;
  /** The newest so many stay whatever the rest says. */
  readonly keep: number;
}

/** What a journal file holds when it is opened. */
export interface Opened {
  readonly epoch: Epoch;
  /** The last record's seq; 0 in a new epoch. */
  readonly seq: number;
  readonly subjects: readonly Subject[];
  readonly lanes: readonly LaneRow[];
  readonly notes: readonly { readonly key: string; readonly value: string }[];
  /** Where a file went that could not be trusted, and why; null when all was well. */
  readonly setAside: { readonly path: string; readonly reason: string } | null;
}

/**
 * Owns the journal's file. Calls are carried out one after the other.
 * - `write` resolves when the group is on the disk, and rejects with a coded error when it may not be: the same group is then written again, and what of
 *   it had been stored is not stored twice.
 * - `read` and `hashOf` see durable records only.
 * - After `close` the next call opens the file again. It has to be the same journal: one that was damaged meanwhile is `journal_damaged`.
 */
export interface JournalWriter {
  open(): Promise<Opened>;
  write(group: Group): Promise<void>;
  read(from: number): Promise<Batch>;
  /** Null when the record was pruned or is not there yet. */
  hashOf(seq: number): Promise<Digest | null>;
  /** @returns how many records were deleted. */
  prune(rule: PruneRule): Promise<number>;
  /**
   * Moves what has been written from SQLite's log into its file, which costs the disk several fsyncs: to be called when nobody waits. Without it SQLite
   * does so by itself, in the middle of a write, when the log has grown long.
   */
  tidy(): Promise<void>;
  close(): Promise<void>;
}
