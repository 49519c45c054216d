import type { Cancel, Clock, Random } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';
import type { Digest, Epoch, GateId, Origin } from '@palang/contract/ids';
import { SubjectRef } from '@palang/contract/ids';
import type { Mark, Subject } from '@palang/contract/link/envelope';
import type { Event } from '@palang/contract/link/events';
import type { Appended, Entry, Journal, JournalFeed } from '../ports/journal.js';
import type { Notes } from '../ports/notes.js';
import type { DeviceMessageId, Health } from '../ports/receipt.js';
import type { Stamps } from '../ports/stamps.js';
import { PendingGroup } from './pending.js';
import type { Batch, JournalWriter, Opened } from './writer.js';

export interface JournalDependencies {
  readonly origin: Origin;
  readonly writer: JournalWriter;
  readonly stamps: Stamps;
  readonly clock: Clock;
  readonly random: Random;
  readonly health: Health<'journal_failed'>;
  /** The file is beyond use. `unwritten` are the records it did not take; only a new start, with a new file, can go on. */
  damaged(reason: string, unwritten: readonly string[]): void;
  /** Records are kept at least this long, ms. */
  readonly keepFor?: number;
  /** And at least so many. */
  readonly keepRecords?: number;
  /** What a failing disk may leave in memory, characters of records. */
  readonly mostUnwritten?: number;
}

const KEEP_FOR = 30 * 24 * 3_600_000;
const KEEP_RECORDS = 100_000;
const PRUNE_EVERY = 3_600_000;
/** After so many groups the file is tidied up, once nothing has been appended for a while, ms. */
const TIDY_AFTER_GROUPS = 100;
const QUIET = 2_000;
const RETRY_FIRST = 100;
const RETRY_MOST = 5_000;
/** After these the file is opened anew: a disk that came back (plugged, mounted again) is another one to the system. */
const OPEN_ANEW: ReadonlySet<string | undefined> = new Set([
  'sqlite_io',
  'sqlite_readonly',
  'sqlite_corrupt',
  'sqlite_not_a_database',
  'journal_gap',
]);
/** Records of a busy lane for more than a day. */
const MOST_UNWRITTEN = 32 * 1024 * 1024;
/** What is tried again on a failing disk stays small: all of it goes to the writer's thread each time, characters. */
const MOST_AT_ONCE = 1024 * 1024;

/**
 * The gateway's history on the main thread: numbers and stamps in call order, hands groups to the writer one at a time, and while the disk is busy
 * collects the next group; so a burst costs one fsync, and a lone record waits for nobody.
 */
export class GroupJournal implements Journal, JournalFeed, Notes {
  readonly origin: Origin;
  readonly #deps: JournalDependencies;
  readonly #refs = new Map<string, SubjectRef>();
  readonly #values = new Map<SubjectRef, string>();
  readonly #lanes = new Map<GateId, { state: string | null; cause: DeviceMessageId | null }>();
  readonly #notes = new Map<string, string>();
  readonly #listeners = new Set<(seq: number) => void>();
  #opened: Opened | null = null;
  #replicaVersion: () => string | null = () => null;
  #nextSeq = 1;
  #durableSeq = 0;
  #ackedSeq = 0;
  #group = new PendingGroup();
  /** The group that the disk has not taken yet. */
  #underWay: PendingGroup | null = null;
  #writing: Promise<void> | null = null;
  #retry: Cancel | null = null;
  #retryNow: (() => void) | null = null;
  #closing = false;
  #untidy = 0;
  #tidying: Cancel | null = null;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(dependencies: JournalDependencies) {
    this.#deps = dependencies;
    this.origin = dependencies.origin;
  }

  /** @returns what the file held. @throws CodedError of SQLite when the disk refuses. */
  async open(): Promise<Opened> {
    const opened = await this.#deps.writer.open();
    this.#opened = opened;
    this.#nextSeq = opened.seq + 1;
    this.#durableSeq = opened.seq;
    for (const subject of opened.subjects) this.#remember(subject);
    for (const { lane, state, cause } of opened.lanes) this.#lanes.set(lane, { state, cause });
    for (const { key, value } of opened.notes) this.#notes.set(key, value);
    return opened;
  }

  /** Writes what is pending (one last attempt when the disk is failing) and closes the file. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#tidying?.();
    this.#retryNow?.();
    while (this.#writing !== null) await this.#writing;
    await this.#deps.writer.close();
  }

  /** Where events take the version of the replica from that decisions rest on. */
  setReplicaVersion(version: () => string | null): void {
    this.#replicaVersion = version;
  }

  get epoch(): Epoch {
    if (this.#opened === null) throw new Error('The journal is not open');
    return this.#opened.epoch;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** Records that the hub has not acknowledged. */
  get backlog(): number {
    return this.#nextSeq - 1 - this.#ackedSeq;
  }

  append(entry: Entry): Appended {
    const unwritten = this.#group.characters + (this.#underWay?.characters ?? 0);
    if (unwritten > (this.#deps.mostUnwritten ?? MOST_UNWRITTEN)) {
      throw new CodedError('journal_full', 'The disk has failed for so long that nothing more can be kept', {
        unwritten,
      });
    }
    const at = this.#deps.stamps.now();
    const replica = this.#replicaVersion();
    const board = entry.cause === null ? null : { stream: entry.cause.stream, sequence: entry.cause.sequence };
    const events = entry.drafts.map((draft) => {
      const { kind, lane, session, data } = draft;
      const seq = this.#nextSeq++;
      const event = {
        v: 1,
        origin: this.origin,
        epoch: this.epoch,
        seq,
        kind,
        lane,
        at,
        session,
        board,
        replica,
        data,
      };
      this.#group.addRecord({ seq, text: JSON.stringify(event), wall: at.wall });
      return event as Event;
    });
    if (entry.lane !== null && (entry.state !== null || entry.cause !== null)) {
      const known = this.#lanes.get(entry.lane);
      const row = { state: entry.state ?? known?.state ?? null, cause: entry.cause ?? known?.cause ?? null };
      this.#lanes.set(entry.lane, row);
      this.#group.putLane({ lane: entry.lane, state: entry.state, cause: entry.cause });
    }
    return { events, durable: this.#schedule() };
  }

  laneState(lane: GateId): { readonly state: string; readonly cause: DeviceMessageId | null } | null {
    const row = this.#lanes.get(lane);
    return row === undefined || row.state === null ? null : { state: row.state, cause: row.cause };
  }

  subject(kind: Subject['kind'], value: string): SubjectRef {
    const known = this.#refs.get(`${kind} ${value}`);
    if (known !== undefined) return known;
    const subject = { ref: SubjectRef.parse(`s${this.#deps.random.hex(16)}`), kind, value };
    this.#remember(subject);
    // Stored with the next append: a reference that no record names need not outlive a crash.
    this.#group.subjects.push(subject);
    return subject.ref;
  }

  valueOf(ref: SubjectRef): string | null {
    return this.#values.get(ref) ?? null;
  }

  get(key: string): string | null {
    return this.#notes.get(key) ?? null;
  }

  entries(prefix: string): [key: string, value: string][] {
    return [...this.#notes].filter(([key]) => key.startsWith(prefix));
  }

  set(key: string, value: string | null): Promise<void> {
    if (value === null) this.#notes.delete(key);
    else this.#notes.set(key, value);
    this.#group.putNote(key, value);
    return this.#schedule();
  }

  onDurable(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  read(from: number): Promise<Batch> {
    return this.#deps.writer.read(from);
  }

  hashOf(seq: number): Promise<Digest | null> {
    return this.#deps.writer.hashOf(seq);
  }

  acknowledged(mark: Mark | null, settled: number): void {
    this.#ackedSeq = mark !== null && mark.epoch === this.epoch ? mark.seq : 0;
    const now = this.#deps.clock.monotonic();
    if (now - this.#prunedAt < PRUNE_EVERY) return;
    this.#prunedAt = now;
    const { keepFor = KEEP_FOR, keepRecords = KEEP_RECORDS, clock, writer } = this.#deps;
    const rule = { through: Math.min(this.#ackedSeq, settled), before: clock.wall() - keepFor, keep: keepRecords };
    // Tried again with the next mark after an hour; what was not deleted does no harm, and a sick disk is told by the writes.
    writer.prune(rule).catch(() => undefined);
  }

  #schedule(): Promise<void> {
    const { durable } = this.#group;
    // The microtask lets everything that is appended in this turn become one group, and one fsync.
    this.#writing ??= Promise.resolve().then(() => this.#drain());
    return durable;
  }

  async #drain(): Promise<void> {
    let failures = 0;
    while (!this.#group.empty) {
      const group = this.#group;
      this.#group = new PendingGroup();
      this.#underWay = group;
      for (;;) {
        try {
          await this.#deps.writer.write(group);
          break;
        } catch (error) {
          failures += 1;
          group.failed(error);
          await this.#refused(error, group);
          if (this.#closing && failures > 1) {
            this.#writing = null;
            return;
          }
          await this.#pause(Math.min(RETRY_MOST, RETRY_FIRST * 2 ** Math.min(failures - 1, 10)));
          if (group.characters + this.#group.characters > MOST_AT_ONCE) continue;
          group.absorb(this.#group);
          this.#group = new PendingGroup();
        }
      }
      this.#underWay = null;
      if (failures > 0) this.#deps.health.clear('journal_failed');
      failures = 0;
      this.#durableSeq = group.records.at(-1)?.seq ?? this.#durableSeq;
      this.#untidy += 1;
      group.stored();
      for (const listener of this.#listeners) listener(this.#durableSeq);
    }
    this.#writing = null;
    this.#tidyWhenQuiet();
  }

  async #refused(error: unknown, group: PendingGroup): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    this.#deps.health.raise('journal_failed', reason);
    const code = codeOf(error);
    // A file that cannot even be closed is told by the next attempt.
    if (OPEN_ANEW.has(code)) await this.#deps.writer.close().catch(() => undefined);
    if (code !== 'journal_damaged' || this.#closing) return;
    const unwritten = [...group.records, ...this.#group.records].map((record) => record.text);
    this.#deps.damaged(reason, unwritten);
  }

  #tidyWhenQuiet(): void {
    this.#tidying?.();
    if (this.#untidy < TIDY_AFTER_GROUPS || this.#closing) return;
    this.#tidying = this.#deps.clock.after(QUIET, () => {
      this.#untidy = 0;
      // What was not tidied up stays in the log, where it is as safe; a sick disk is told by the writes.
      this.#deps.writer.tidy().catch(() => undefined);
    });
  }

  #pause(delay: number): Promise<void> {
    if (this.#closing) return Promise.resolve();
    return new Promise((done) => {
      this.#retryNow = () => {
        this.#retry?.();
        this.#retryNow = null;
        done();
      };
      this.#retry = this.#deps.clock.after(delay, () => this.#retryNow?.());
    });
  }

  #remember(subject: Subject): void {
    this.#refs.set(`${subject.kind} ${subject.value}`, subject.ref);
    this.#values.set(subject.ref, subject.value);
  }
}
