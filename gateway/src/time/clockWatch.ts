import type { Cancel, Clock } from '@palang/contract/clock';
import type { Health } from '../ports/receipt.js';
import type { SystemStamps } from './stamps.js';

/** Beyond this a fee may rest on the doubt (contract/instant), ms. */
const DOUBT = 2_000;
/** So long a doubt is no fault yet: at a start the hub needs a moment to be heard, ms. */
const PATIENCE = 60_000;
const EVERY = 1_000;

/** Looks at the clocks every second: jumps are told by the stamps, a lasting doubt is a fault. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #stamps: SystemStamps;
  readonly #health: Health<'clock_uncertain'>;
  #next: Cancel = () => undefined;
  #doubtfulSince: number | null = null;
  #raised = false;

  constructor(clock: Clock, stamps: SystemStamps, health: Health<'clock_uncertain'>) {
    this.#clock = clock;
    this.#stamps = stamps;
    this.#health = health;
  }

  start(): void {
    this.#next = this.#clock.after(EVERY, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#next();
  }

  #look(): void {
    this.#stamps.check();
    const { uncertainty, mono } = this.#stamps.now();
    if (uncertainty !== null && uncertainty <= DOUBT) {
      this.#doubtfulSince = null;
      if (this.#raised) this.#health.clear('clock_uncertain');
      this.#raised = false;
      return;
    }
    this.#doubtfulSince ??= mono;
    if (this.#raised || mono - this.#doubtfulSince < PATIENCE) return;
    this.#raised = true;
    this.#health.raise('clock_uncertain', uncertainty === null ? 'never set' : `within ${Math.round(uncertainty)} ms`);
  }
}
