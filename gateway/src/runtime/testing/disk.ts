import { CodedError } from '@palang/contract/errors';
import { Epoch, type GateId, Origin, SubjectRef } from '@palang/contract/ids';
import type { Stamp } from '@palang/contract/instant';
import type { Draft, Event } from '@palang/contract/link/events';
import type { Appended, Entry, Journal } from '../../ports/journal.js';
import type { DeviceMessageId } from '../../ports/receipt.js';

/** What survives a crash: the entries that were durable. */
export class FakeDisk {
  readonly drafts: Draft[] = [];
  readonly lanes = new Map<GateId, { state: string; cause: DeviceMessageId | null }>();

  get kinds(): string[] {
    return this.drafts.map(({ kind }) => kind);
  }

  of<K extends Draft['kind']>(kind: K): Extract<Draft, { kind: K }>[] {
    return this.drafts.filter((draft): draft is Extract<Draft, { kind: K }> => draft.kind === kind);
  }
}

/** `now`: durable at once. `held`: when the test says so. `failing`: the first attempt fails and it is stored later. */
export type DiskMood = 'now' | 'held' | 'failing';

/** A journal whose disk does as the test says. */
export class FakeJournal implements Journal {
  readonly origin = Origin.parse('gw-test');
  readonly epoch = Epoch.parse('00000000000000ee');
  mood: DiskMood = 'now';
  readonly #disk: FakeDisk;
  readonly #stamp: () => Stamp;
  readonly #refs = new Map<string, SubjectRef>();
  #nextSeq: number;
  #held: (() => void)[] = [];
  #crashed = false;

  constructor(disk: FakeDisk, stamp: () => Stamp) {
    this.#disk = disk;
    this.#stamp = stamp;
    this.#nextSeq = disk.drafts.length + 1;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  append(entry: Entry): Appended {
    const { origin, epoch } = this;
    const events = entry.drafts.map((draft) => {
      const seq = this.#nextSeq++;
      return { ...draft, v: 1, origin, epoch, seq, at: this.#stamp(), board: null, replica: null } as Event;
    });
    return { events, durable: this.#write(() => this.#store(entry)) };
  }

  #write(store: () => void): Promise<void> {
    if (this.mood === 'held' || this.#held.length > 0) {
      return new Promise((resolve) => {
        this.#held.push(() => {
          store();
          resolve();
        });
      });
    }
    store();
    return this.mood === 'now' ? Promise.resolve() : Promise.reject(new CodedError('journal_failed', 'no space'));
  }

  #store({ drafts, lane, state, cause }: Entry): void {
    if (this.#crashed) return;
    this.#disk.drafts.push(...drafts);
    if (lane === null || state === null) return;
    this.#disk.lanes.set(lane, { state, cause: cause ?? this.#disk.lanes.get(lane)?.cause ?? null });
  }

  /** The disk works again: everything held is stored, in order. */
  release(): void {
    this.mood = 'now';
    const held = this.#held;
    this.#held = [];
    for (const store of held) store();
  }

  /** The process is gone: what was not durable never will be. */
  crash(): void {
    this.#crashed = true;
  }

  laneState(lane: GateId) {
    return this.#disk.lanes.get(lane) ?? null;
  }

  subject(kind: 'plate' | 'credential', value: string): SubjectRef {
    const key = `${kind} ${value}`;
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    const made = SubjectRef.parse(`s${String(this.#refs.size + 1).padStart(32, '0')}`);
    this.#refs.set(key, made);
    return made;
  }

  valueOf(): string | null {
    return null;
  }
}
