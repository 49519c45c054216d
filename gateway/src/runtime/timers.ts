import type { Cancel, Clock } from '@palang/contract/clock';
import type { LaneState, Timer, TimerName } from '../lane/state.js';

/** Keeps a clock timer for each timer that the state names: the state decides, a restart finds them all again. */
export class Timers {
  readonly #clock: Clock;
  readonly #boot: string;
  readonly #fired: (name: TimerName) => void;
  readonly #running = new Map<TimerName, { readonly timer: Timer; readonly cancel: Cancel }>();

  constructor(clock: Clock, boot: string, fired: (name: TimerName) => void) {
    this.#clock = clock;
    this.#boot = boot;
    this.#fired = fired;
  }

  follow(wanted: LaneState['timers']): void {
    for (const [name, { timer, cancel }] of this.#running) {
      if (wanted[name] === timer) continue;
      cancel();
      this.#running.delete(name);
    }
    for (const [name, timer] of Object.entries(wanted) as [TimerName, Timer][]) {
      if (!this.#running.has(name)) this.#start(name, timer);
    }
  }

  stop(): void {
    this.follow({});
  }

  /** A deadline of an earlier boot says nothing about this one's clock: the whole wait begins anew. */
  #start(name: TimerName, timer: Timer): void {
    const delay = timer.boot === this.#boot ? Math.max(0, timer.due - this.#clock.monotonic()) : timer.after;
    const cancel = this.#clock.after(delay, () => {
      this.#running.delete(name);
      this.#fired(name);
    });
    this.#running.set(name, { timer, cancel });
  }
}
