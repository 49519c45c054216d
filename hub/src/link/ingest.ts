import type { Cancel, Clock, Sha256 } from '@palang/contract/clock';
import { codeOf } from '@palang/contract/errors';
import type { Digest, Epoch, Origin } from '@palang/contract/ids';
import { GENESIS } from '@palang/contract/link/chain';
import type { Mark, Subject } from '@palang/contract/link/envelope';
import type { ParsedRecord } from '@palang/contract/link/events';
import type { Database } from '@palang/db/database';
import { Queue } from '@palang/db/queue';
import { addAttention } from './attention.js';
import { Bounded } from './bounded.js';
import type { Commit } from './ports.js';
import { chain, examine, type Run, readRecords } from './records.js';
import { findRepeat, readMark } from './stored.js';
import { Subjects } from './subjects.js';
import { BatchWriter } from './writer.js';

export interface Batch {
  readonly epoch: Epoch;
  readonly from: number;
  readonly records: readonly string[];
  readonly subjects: readonly Subject[];
  /** Chain hash of the last record, as the sender computed it. */
  readonly hash: Digest;
}

/** `gap`: the batch begins above mark + 1. `chain_mismatch`: nothing was taken. `conflict`: another record has that name already. */
export type IngestProblem = 'gap' | 'chain_mismatch' | 'conflict';

export interface Answer {
  /** How far this origin's epoch is durable now; null when nothing is. */
  readonly mark: Mark | null;
  readonly problem: IngestProblem | null;
}

export interface Ingest {
  /**
   * Takes a batch: in one transaction moves the mark, stores the records and folds them into the books. Any batch may come any number of
   * times, in any order, at any cut; the answer's mark says what the sender does next.
   * @throws CodedError `database_busy`, `database_lost`, `sqlite_full` ...: the database did not take it now; the sender tries again later.
   */
  accept(origin: Origin, batch: Batch): Promise<Answer>;
  mark(origin: Origin, epoch: Epoch): Promise<Mark | null>;
  /** Called once for each batch that became durable, in order. A listener must not throw; what it throws is reported. */
  onCommit(listener: (commit: Commit) => void): Cancel;
}

export interface IngestTools {
  readonly database: Database;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly report: (error: unknown) => void;
}

/**
 * After so many refusals of a run from the same record on, it is set aside for a person, outside the history, and the mark moves to the hash that its
 * sender claims: a journal that rotted on its card must not keep what is recorded after it from the books.
 */
const REFUSALS = 3;
const ATTEMPTS = 5;
/** The database's own trouble, which says nothing about the records: to store them unfolded would lose them from the books for a full disk. */
const NOT_NOW = new Set<string | undefined>([
  ...['database_busy', 'database_lost', 'database_storage'],
  ...['sqlite_full', 'sqlite_io', 'sqlite_readonly', 'sqlite_corrupt', 'sqlite_cannot_open', 'sqlite_closed'],
]);
/** Journals whose mark is remembered. */
const REMEMBERED = 1_000;

export function createIngest({ database, clock, sha256, report }: IngestTools): Ingest {
  // One batch at a time: sessions cross gateways, and a fold that read what another is about to write would lose it.
  const queue = new Queue();
  const listeners = new Set<(commit: Commit) => void>();
  const subjects = new Subjects();
  const writer = new BatchWriter(database, clock, subjects);
  // A gateway names its epochs as it likes: neither memory may grow with them.
  const marks = new Bounded<string, Mark>(REMEMBERED);
  const refusals = new Bounded<string, { from: number; first: string; times: number }>(REMEMBERED);
  const keyOf = (origin: Origin, epoch: Epoch) => `${origin}:${epoch}`;

  async function markOf(origin: Origin, epoch: Epoch): Promise<Mark | null> {
    const known = marks.get(keyOf(origin, epoch));
    if (known !== undefined) return known;
    const stored = await readMark(database, origin, epoch);
    if (stored !== null) marks.set(keyOf(origin, epoch), stored);
    return stored;
  }

  /** After anything unexpected nothing remembered counts. */
  function doubt(): void {
    marks.clear();
    subjects.forgetMemory();
    writer.forgetMemory();
  }

  function deliver(commit: Commit): void {
    for (const listener of listeners) {
      try {
        listener(commit);
      } catch (error) {
        report(error);
      }
    }
  }

  async function accept(origin: Origin, batch: Batch, read: readonly ParsedRecord[]): Promise<Answer> {
    /** What an attempt wrote whose commit may or may not have happened. */
    const uncertain: { commit: Commit | null; mark: Mark | null } = { commit: null, mark: null };
    let foldable = true;
    for (let attempt = 1; ; attempt += 1) {
      const mark = await markOf(origin, batch.epoch);
      if (uncertain.commit !== null && mark?.seq === uncertain.mark?.seq && mark?.hash === uncertain.mark?.hash) {
        deliver(uncertain.commit);
        return { mark, problem: null };
      }
      const have = mark?.seq ?? 0;
      const previous = mark?.hash ?? GENESIS;
      if (batch.from > have + 1) return { mark, problem: 'gap' };
      const whole: Run = { origin, epoch: batch.epoch, from: batch.from, records: batch.records };
      const repeat = batch.from <= have ? await findRepeat(database, sha256, whole, have) : null;
      if (repeat?.conflict != null) {
        const conflict = repeat.conflict;
        await database.transaction((sql) =>
          addAttention(sql, whole, [{ code: 'conflict', item: conflict, detail: {}, keepRecord: true }], clock.wall()),
        );
        return { mark, problem: 'conflict' };
      }
      const known = have + 1 - batch.from;
      const run: Run = { ...whole, from: have + 1, records: batch.records.slice(known) };
      if (run.records.length === 0) return { mark, problem: null };
      const hashes = chain(sha256, previous, run.records);
      const target: Mark = { epoch: batch.epoch, seq: have + run.records.length, hash: batch.hash };
      if (hashes.at(-1) !== batch.hash) {
        if (!isStubborn(run)) return { mark, problem: 'chain_mismatch' };
        await writer.setAside(run, mark, target);
        doubt();
        refusals.delete(keyOf(origin, batch.epoch));
        return { mark: target, problem: 'chain_mismatch' };
      }
      refusals.delete(keyOf(origin, batch.epoch));
      try {
        const items = examine(run, hashes, read.slice(known));
        const written = { before: mark, after: target, items, subjects: batch.subjects, foldable };
        const commit = await writer.write(run, written, (prepared) => {
          uncertain.commit = prepared;
          uncertain.mark = target;
        });
        marks.set(keyOf(origin, batch.epoch), target);
        deliver(commit);
        return { mark: target, problem: null };
      } catch (error) {
        doubt();
        const code = codeOf(error);
        if (attempt >= ATTEMPTS || NOT_NOW.has(code)) throw error;
        if (code === 'mark_moved' || code === 'outcome_unknown' || (code === 'duplicate_key' && attempt < 3)) continue;
        // The books refuse what one of these records says: it alone stays out of them, not those that happened to travel with it.
        if (run.records.length > 1) return oneByOne(origin, batch, run, hashes, read.slice(known));
        // The record itself is history all the same: store it, and let a person see why.
        if (!foldable) throw error;
        report(error);
        foldable = false;
      }
    }
  }

  async function oneByOne(
    origin: Origin,
    batch: Batch,
    run: Run,
    hashes: readonly Digest[],
    read: readonly ParsedRecord[],
  ): Promise<Answer> {
    let answer: Answer = { mark: await markOf(origin, batch.epoch), problem: null };
    for (const [index, record] of run.records.entries()) {
      const single = { ...batch, from: run.from + index, records: [record], hash: hashes[index] as Digest };
      answer = await accept(origin, single, read.slice(index, index + 1));
      if (answer.problem !== null) break;
    }
    return answer;
  }

  /** Told by the run's first record: the run itself grows between attempts, as its gateway goes on recording. */
  function isStubborn(run: Run): boolean {
    const key = keyOf(run.origin, run.epoch);
    const first = sha256(run.records[0] ?? '');
    const last = refusals.get(key);
    const times = last?.from === run.from && last.first === first ? last.times + 1 : 1;
    refusals.set(key, { from: run.from, first, times });
    return times >= REFUSALS;
  }

  return {
    accept(origin, batch) {
      // Reading needs nothing that the queue guards: it is done while the database works on the batch before.
      const read = readRecords(batch.records);
      return queue.run(() => accept(origin, batch, read));
    },
    mark: (origin, epoch) => queue.run(() => markOf(origin, epoch)),
    onCommit(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
