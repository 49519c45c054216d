import type { Cancel, Clock } from '@palang/contract/clock';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** 2026-11-23T00:00:00Z: any fixed wall time will do, as long as every run has the same. */
const DEFAULT_WALL_START = 1_795_392_000_000;

/** Turns of the machine's own event loop that a promise chain gets before the next timer; I/O chains are short in tests. */
const SETTLE_TURNS = 3;

/** A clock that stands still until it is told to go on. Timers run in order of time, then of planning. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #wallOffset: number;
  #timers: Timer[] = [];

  constructor(wallStart: number = DEFAULT_WALL_START) {
    this.#wallOffset = wallStart;
  }

  get now(): number {
    return this.#now;
  }

  /** Timers that have not fired: what a test compares with zero to find leftovers. */
  get pending(): number {
    return this.#timers.length;
  }

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wallOffset + this.#now;
  }

  /** The wall clock jumps, as NTP makes it; monotonic time does not notice. */
  stepWall(ms: number): void {
    this.#wallOffset += ms;
  }

  after(delay: number, action: () => void): Cancel {
    const timer: Timer = { at: this.#now + Math.max(0, delay), order: this.#order++, action };
    const index = this.#timers.findLastIndex((other) => other.at <= timer.at);
    this.#timers.splice(index + 1, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Goes `ms` ahead and runs what falls due, without giving promises a turn in between. */
  advance(ms: number): void {
    const until = this.#now + ms;
    while (this.#fireNext(until));
    this.#now = until;
  }

  /** Goes ahead to `until`; after each timer, promises and I/O callbacks get their turn. */
  async run(until: number): Promise<void> {
    await settle();
    while (this.#fireNext(until)) await settle();
    this.#now = Math.max(this.#now, until);
  }

  /** Goes ahead until `condition` holds and returns true, or false when `limitMs` have passed without it. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const until = this.#now + limitMs;
    await settle();
    while (!condition()) {
      if (!this.#fireNext(until)) {
        this.#now = until;
        return condition();
      }
      await settle();
    }
    return true;
  }

  #fireNext(until: number): boolean {
    const [timer] = this.#timers;
    if (timer === undefined || timer.at > until) return false;
    this.#timers.shift();
    this.#now = timer.at;
    timer.action();
    return true;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
