import type { Random } from '@palang/contract/clock';
import type { Digest, Epoch, GateId, Origin } from '@palang/contract/ids';
import { SubjectRef } from '@palang/contract/ids';
import type { Mark, Subject } from '@palang/contract/link/envelope';
import type { Event } from '@palang/contract/link/events';
import type { Appended, Entry, Journal, JournalFeed } from '../ports/journal.js';
import type { Notes } from '../ports/notes.js';
import type { DeviceMessageId } from '../ports/receipt.js';
import type { Stamps } from '../ports/stamps.js';
import { GroupQueue, type QueueDependencies } from './queue.js';
import type { Batch, Opened } from './writer.js';

export interface JournalDependencies extends QueueDependencies {
  readonly origin: Origin;
  readonly stamps: Stamps;
  readonly random: Random;
  /** Records are kept at least this long, ms. */
  readonly keepFor?: number;
  /** And at least so many. */
  readonly keepRecords?: number;
}

const KEEP_FOR = 30 * 24 * 3_600_000;
const KEEP_RECORDS = 100_000;
const PRUNE_EVERY = 3_600_000;
/**
 * The gateway's history on the main thread: numbers and stamps in call order, and knows what the file holds. A queue takes the groups to
 * the disk.
 */
export class GroupJournal implements Journal, JournalFeed, Notes {
  readonly origin: Origin;
  readonly #deps: JournalDependencies;
  readonly #queue: GroupQueue;
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
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(dependencies: JournalDependencies) {
    this.#deps = dependencies;
    this.origin = dependencies.origin;
    this.#queue = new GroupQueue(dependencies, (seq) => this.#stored(seq));
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
    await this.#queue.stop();
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
    this.#queue.admit();
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
      this.#queue.group.addRecord({ seq, text: JSON.stringify(event), wall: at.wall });
      return event as Event;
    });
    if (entry.lane !== null && (entry.state !== null || entry.cause !== null)) {
      const known = this.#lanes.get(entry.lane);
      const row = { state: entry.state ?? known?.state ?? null, cause: entry.cause ?? known?.cause ?? null };
      this.#lanes.set(entry.lane, row);
      this.#queue.group.putLane({ lane: entry.lane, state: entry.state, cause: entry.cause });
    }
    return { events, durable: this.#queue.schedule() };
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
    this.#queue.group.subjects.push(subject);
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
    this.#queue.group.putNote(key, value);
    return this.#queue.schedule();
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

  #stored(seq: number | null): void {
    this.#durableSeq = seq ?? this.#durableSeq;
    for (const listener of this.#listeners) listener(this.#durableSeq);
  }

  #remember(subject: Subject): void {
    this.#refs.set(`${subject.kind} ${subject.value}`, subject.ref);
    this.#values.set(subject.ref, subject.value);
  }
}
