import type { Cancel, Clock } from '@palang/contract/clock';

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #wall = 1_795_392_000_000;
  #timers: { at: number; action: () => void }[] = [];

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall;
  }

  get timers(): number {
    return this.#timers.length;
  }

  after(delay: number, action: () => void): Cancel {
    const timer = { at: this.#now + Math.max(0, delay), action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  stepWall(ms: number): void {
    this.#wall += ms;
  }

  /** Goes `ms` ahead timer by timer; promises and I/O callbacks get their turn after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#go(next.at);
      next.action();
      await settle();
    }
    this.#go(until);
    await settle();
  }

  #go(to: number): void {
    this.#wall += Math.max(0, to - this.#now);
    this.#now = Math.max(this.#now, to);
  }
}

/** Lets what is under way on promises and on the event loop come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((done) => setImmediate(done));
}
