import type { Cancel, Clock } from '@palang/contract/clock';
import { MAX_MESSAGE_BYTES, type Mark, type Up } from '@palang/contract/link/envelope';
import type { JournalFeed } from '../ports/journal.js';

export interface ShipperDependencies {
  readonly feed: JournalFeed;
  readonly clock: Clock;
  send(message: Up): void;
  bufferedAmount(): number;
  /**
   * The hub does not hold the same history. After a `hash_mismatch` shipping goes on from its mark all the same: the hub sets aside, for a person, what
   * does not chain. After the others nothing can be shipped.
   */
  diverged(reason: 'mark_ahead' | 'hash_mismatch' | 'records_pruned', detail: Record<string, unknown>): void;
  /** The journal could not be read, or the hub kept a batch without an answer for too long: the connection begins anew. */
  stuck(reason: string): void;
}

const IN_FLIGHT = 2;
/** After a refusal the next attempt waits this long, ms, doubled each time. */
const PAUSE_FIRST = 500;
const PAUSE_MOST = 30_000;
/** How long a batch may be without its mark, ms. */
const ANSWER_WITHIN = 10_000;

/**
 * Ships the journal over one connection, from the record after the hub's mark. The mark is believed also when it goes backwards (a hub restored from a
 * backup): then everything after it is shipped again.
 */
export class Shipper {
  readonly #deps: ShipperDependencies;
  readonly #unsubscribe: () => void;
  /** Last seq of each batch under way, oldest first, and the seq before the first of them. */
  #inFlight: { readonly from: number; readonly through: number }[] = [];
  #sentThrough = 0;
  #allowed = false;
  #reading = false;
  #stopped = false;
  /** Counts the marks: what was read before a mark is not sent after it. */
  #turn = 0;
  #deadline: Cancel | null = null;
  #refusals = 0;
  #resume: Cancel | null = null;

  constructor(dependencies: ShipperDependencies) {
    this.#deps = dependencies;
    this.#unsubscribe = dependencies.feed.onDurable(() => this.#pump());
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#deadline?.();
    this.#resume?.();
  }

  /** The hub has refused a batch; its mark follows. */
  refused(): void {
    this.#inFlight = [];
    this.#refusals += 1;
    this.#resume?.();
    const pause = Math.min(PAUSE_MOST, PAUSE_FIRST * 2 ** Math.min(this.#refusals - 1, 10));
    this.#resume = this.#deps.clock.after(pause, () => {
      this.#resume = null;
      this.#pump();
    });
  }

  /** The hub's mark, from a welcome or later. */
  async marked(mark: Mark | null): Promise<void> {
    const { feed } = this.#deps;
    this.#turn += 1;
    const turn = this.#turn;
    const seq = mark !== null && mark.epoch === feed.epoch ? mark.seq : 0;
    if (!(await this.#sameHistory(seq, mark)) || this.#stopped || turn !== this.#turn) return;
    this.#allowed = true;
    const [oldest] = this.#inFlight;
    const through = this.#inFlight.findIndex((batch) => batch.through === seq);
    if (oldest === undefined) this.#restartFrom(seq);
    else if (through >= 0) {
      this.#inFlight.splice(0, through + 1);
      this.#refusals = 0;
    }
    // A mark of before the oldest batch is the hub's regular one, sent while it was busy; any other is not where we are.
    else if (seq !== oldest.from - 1) this.#restartFrom(seq);
    if (through >= 0 || this.#inFlight.length === 0) this.#watchAnswer();
    this.#pump();
  }

  async #sameHistory(seq: number, mark: Mark | null): Promise<boolean> {
    const { feed } = this.#deps;
    if (seq === 0) return true;
    if (seq > feed.durableSeq) {
      return this.#diverged('mark_ahead', { mark: seq, here: feed.durableSeq });
    }
    const own = await this.#read(() => feed.hashOf(seq));
    if (own === undefined) return false;
    if (own === null || own === mark?.hash) return true;
    this.#deps.diverged('hash_mismatch', { seq, here: own, hub: mark?.hash });
    return true;
  }

  #diverged(reason: Parameters<ShipperDependencies['diverged']>[0], detail: Record<string, unknown>): false {
    this.#allowed = false;
    this.#deps.diverged(reason, detail);
    return false;
  }

  #restartFrom(seq: number): void {
    this.#inFlight = [];
    this.#sentThrough = seq;
  }

  #pump(): void {
    if (this.#reading || this.#stopped || !this.#allowed || this.#resume !== null) return;
    if (this.#inFlight.length >= IN_FLIGHT || this.#sentThrough >= this.#deps.feed.durableSeq) return;
    if (this.#deps.bufferedAmount() > MAX_MESSAGE_BYTES) return;
    this.#next(this.#sentThrough + 1).catch((error: unknown) => this.#deps.stuck(String(error)));
  }

  async #next(from: number): Promise<void> {
    this.#reading = true;
    const batch = await this.#read(() => this.#deps.feed.read(from));
    this.#reading = false;
    if (batch === undefined || this.#stopped) return;
    // A mark may have come in between and sent us elsewhere.
    if (this.#allowed && this.#resume === null && this.#sentThrough + 1 === from) {
      if (batch.records.length > 0) this.#send(from, batch);
      else this.#diverged('records_pruned', { from });
    }
    this.#pump();
  }

  #send(from: number, batch: Awaited<ReturnType<JournalFeed['read']>>): void {
    const through = from + batch.records.length - 1;
    this.#inFlight.push({ from, through });
    this.#sentThrough = through;
    if (this.#inFlight.length === 1) this.#watchAnswer();
    this.#deps.send({ type: 'batch', epoch: this.#deps.feed.epoch, from, ...batch });
  }

  #watchAnswer(): void {
    this.#deadline?.();
    this.#deadline = null;
    if (this.#inFlight.length === 0) return;
    this.#deadline = this.#deps.clock.after(ANSWER_WITHIN, () => this.#deps.stuck('no mark for a batch'));
  }

  async #read<Result>(read: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!this.#stopped) this.#deps.stuck(`the journal cannot be read: ${String(error)}`);
      return undefined;
    }
  }
}
