import type { Cancel, Clock } from '@palang/contract/clock';

const BURST_MS = 50;
/** About half of what the wire carries, so that good bytes still come between. */
const BURST_BYTES = 140;

/** A bad cable: bursts of arbitrary bytes on the serial line. The same seed gives the same bytes. */
export class Noise {
  readonly #clock: Clock;
  readonly #toBoard: (bytes: Uint8Array) => void;
  #toHost: (bytes: Uint8Array) => void = () => undefined;
  #state: number;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, toBoard: (bytes: Uint8Array) => void, seed = 1) {
    this.#clock = clock;
    this.#toBoard = toBoard;
    this.#state = seed;
  }

  /** The host's end of the line gets its own bursts. */
  reachHost(toHost: (bytes: Uint8Array) => void): void {
    this.#toHost = toHost;
  }

  set(active: boolean): void {
    if (active) this.#cancel ??= this.#clock.after(0, () => this.#burst());
    else {
      this.#cancel?.();
      this.#cancel = undefined;
    }
  }

  #burst(): void {
    this.#toBoard(this.#bytes());
    this.#toHost(this.#bytes());
    this.#cancel = this.#clock.after(BURST_MS, () => this.#burst());
  }

  /** A linear congruential generator (Numerical Recipes): its upper bits are random enough to be rubbish. */
  #bytes(): Uint8Array {
    return Uint8Array.from({ length: BURST_BYTES }, () => {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
      return this.#state >>> 24;
    });
  }
}
