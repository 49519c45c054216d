import type { Cancel, Clock } from '@palang/contract/clock';
import type { OrderResult } from '../ports/lanes.js';

/** An order is answered within this, ms, whatever the devices do. */
const ANSWER_WITHIN = 4_800;
const LATE: OrderResult = { ok: false, code: 'gateway_timeout', detail: {} };
/** Answers that are kept for a repeated command. */
const KEPT = 256;

/** Orders under way and answered: the same command id is carried out once and always answered the same. */
export class Orders {
  readonly #clock: Clock;
  readonly #answers = new Map<string, Promise<OrderResult>>();
  readonly #open = new Map<string, { readonly resolve: (result: OrderResult) => void; readonly cancel: Cancel }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `begin` starts the work; its answer comes by `answer`, or is `gateway_timeout` when time is up. */
  take(command: string, begin: () => void): Promise<OrderResult> {
    const known = this.#answers.get(command);
    if (known !== undefined) return known;
    const result = new Promise<OrderResult>((resolve) => {
      const cancel = this.#clock.after(ANSWER_WITHIN, () => this.answer(command, LATE));
      this.#open.set(command, { resolve, cancel });
    });
    this.#answers.set(command, result);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > KEPT && oldest !== undefined) this.#answers.delete(oldest);
    begin();
    return result;
  }

  /** An answer that nobody waits for any more is dropped. */
  answer(command: string, result: OrderResult): void {
    const waiting = this.#open.get(command);
    if (waiting === undefined) return;
    this.#open.delete(command);
    waiting.cancel();
    waiting.resolve(result);
  }

  stop(): void {
    for (const command of [...this.#open.keys()]) this.answer(command, { ok: false, code: 'not_ready', detail: {} });
  }
}
