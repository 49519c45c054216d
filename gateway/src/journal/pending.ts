import { CodedError } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import type { Subject } from '@palang/contract/link/envelope';
import type { Group, LaneRow, RecordLine } from './writer.js';

/** Collects what one transaction will store, and tells all who wait for it. Of a lane's state and of a note only the last value is kept. */
export class PendingGroup implements Group {
  readonly records: RecordLine[] = [];
  readonly subjects: Subject[] = [];
  readonly #lanes = new Map<GateId, LaneRow>();
  readonly #notes = new Map<string, string | null>();
  #characters = 0;
  #settlement = settlement();

  get lanes(): LaneRow[] {
    return [...this.#lanes.values()];
  }

  get notes(): { key: string; value: string | null }[] {
    return [...this.#notes].map(([key, value]) => ({ key, value }));
  }

  get empty(): boolean {
    return this.records.length + this.subjects.length + this.#lanes.size + this.#notes.size === 0;
  }

  /** Of all its records. */
  get characters(): number {
    return this.#characters;
  }

  /** Resolves when the group is on the disk; rejects with `journal_failed` at the first attempt that fails. */
  get durable(): Promise<void> {
    return this.#settlement.promise;
  }

  addRecord(record: RecordLine): void {
    this.records.push(record);
    this.#characters += record.text.length;
  }

  putLane({ lane, state, cause }: LaneRow): void {
    const known = this.#lanes.get(lane);
    this.#lanes.set(lane, { lane, state: state ?? known?.state ?? null, cause: cause ?? known?.cause ?? null });
  }

  putNote(key: string, value: string | null): void {
    this.#notes.set(key, value);
  }

  stored(): void {
    this.#settlement.resolve();
  }

  /** Tells those who wait; those who ask after this wait for the next attempt. */
  failed(cause: unknown): void {
    const detail = { cause: cause instanceof Error ? cause.message : String(cause) };
    this.#settlement.reject(new CodedError('journal_failed', 'Not on the disk (yet)', detail));
    this.#settlement = settlement();
  }

  /** Takes over what came later, so that it is written, or told of the failure, in the same attempt. */
  absorb(later: PendingGroup): void {
    for (const record of later.records) this.addRecord(record);
    for (const subject of later.subjects) this.subjects.push(subject);
    for (const row of later.lanes) this.putLane(row);
    for (const { key, value } of later.notes) this.putNote(key, value);
    const { resolve, reject } = later.#settlement;
    this.#settlement.promise.then(resolve, reject);
  }
}

function settlement(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  // Not everyone who appends waits. The failure itself is told by the journal as a fault, whoever listens here.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
