const WINDOW = 60_000;

/** Counts what a peer sends that is no message; more than `limit` within a minute is too much. */
export class FaultCount {
  readonly #limit: number;
  #since = 0;
  #count = 0;
  total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `now` is monotonic ms. True when the peer has used up its patience. */
  add(now: number): boolean {
    if (now - this.#since >= WINDOW) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    this.total += 1;
    return this.#count > this.#limit;
  }
}
