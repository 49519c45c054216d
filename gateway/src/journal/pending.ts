import { CodedError } from '@palang/contract/errors';
import type { Subject } from '@palang/contract/link/envelope';
import type { Group, LaneRow, RecordLine } from './writer.js';

/** Collects what one transaction will store, and tells all who wait for it. */
export class PendingGroup implements Group {
  readonly records: RecordLine[] = [];
  readonly subjects: Subject[] = [];
  readonly lanes: LaneRow[] = [];
  readonly notes: { key: string; value: string | null }[] = [];
  #settlement = settlement();

  get empty(): boolean {
    return this.records.length + this.subjects.length + this.lanes.length + this.notes.length === 0;
  }

  /** Resolves when the group is on the disk; rejects with `journal_failed` at the first attempt that fails. */
  get durable(): Promise<void> {
    return this.#settlement.promise;
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
    this.records.push(...later.records);
    this.subjects.push(...later.subjects);
    this.lanes.push(...later.lanes);
    this.notes.push(...later.notes);
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
