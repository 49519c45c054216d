import type { Digest, Epoch, GateId, Origin, SubjectRef } from '@palang/contract/ids';
import type { Mark, Subject } from '@palang/contract/link/envelope';
import type { Draft, Event } from '@palang/contract/link/events';
import type { DeviceMessageId } from './receipt.js';

export interface Entry {
  readonly drafts: readonly Draft[];
  /** The lane whose state follows, or null for records about the gateway. */
  readonly lane: GateId | null;
  /** The lane's state after this entry (JSON text), stored in the same transaction; null leaves it as it is. */
  readonly state: string | null;
  /** The device message that caused it: after a restart the runtime knows what it had taken in. */
  readonly cause: DeviceMessageId | null;
}

export interface Appended {
  /** The records as they will be stored, named and stamped. */
  readonly events: readonly Event[];
  /** Resolves when they are on the disk; rejects with `journal_failed`. */
  readonly durable: Promise<void>;
}

/**
 * The gateway's own history. One writer.
 * - `append` numbers and stamps at once, in call order; one entry is stored whole or not at all. While the disk fails the records wait in memory, up to a
 *   bound of more than a day's; then it throws `journal_full` and nothing has happened: what can never be recorded is not done (people on site still can).
 * - Only durable records are given to the link; durability comes in groups and off the main thread.
 * - A journal that cannot be opened or whose chain does not verify is set aside under a new name and a new epoch begins; nothing is deleted.
 */
export interface Journal {
  readonly origin: Origin;
  readonly epoch: Epoch;
  /** The seq that the next record will get. */
  readonly nextSeq: number;
  append(entry: Entry): Appended;
  /** The lane's last stored state and the last device message that is in it. */
  laneState(lane: GateId): { readonly state: string; readonly cause: DeviceMessageId | null } | null;
  /** The reference of a plate or credential: the known one, or a new one that is stored with the next append. */
  subject(kind: Subject['kind'], value: string): SubjectRef;
  valueOf(ref: SubjectRef): string | null;
}

/** What the link needs of the journal. */
export interface JournalFeed {
  readonly epoch: Epoch;
  readonly durableSeq: number;
  onDurable(listener: (seq: number) => void): () => void;
  /** Records from `from` on, within the batch limits, with the subjects they name and the hash of the last. */
  read(from: number): Promise<{ records: string[]; subjects: Subject[]; hash: Digest }>;
  /** Null when there is no such record any more (pruned) or yet. */
  hashOf(seq: number): Promise<Digest | null>;
  /** The hub's mark, also when it went back. Records may be pruned once acknowledged, settled and old enough. */
  acknowledged(mark: Mark | null, settled: number): void;
}
