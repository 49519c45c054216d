import { codeOf } from '@palang/contract/errors';
import type { Effect } from '../lane/effect.js';
import type { Input } from '../lane/input.js';
import type { Payment } from '../ports/payment.js';
import type { Log } from './dependencies.js';
import type { Storage } from './storage.js';

type Ask = Extract<Effect, { kind: 'charge' | 'cancel' | 'resolve' }>;

interface Dependencies {
  readonly payment: Payment;
  readonly storage: Storage;
  readonly log: Log;
  readonly feed: (input: Input) => void;
}

/** Asks the terminal, in the order in which the lane asked; outcomes come back as inputs. */
export class Collector {
  readonly #deps: Dependencies;
  #tail: Promise<void> = Promise.resolve();

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** A charge goes out only when the lane would find its key again after a restart. */
  ask(effect: Ask, recorded: Promise<void>): void {
    this.#tail = this.#tail.then(async () => {
      if (effect.kind === 'charge') await this.#deps.storage.wait(recorded, true);
      void this.#ask(effect);
    });
  }

  async #ask(effect: Ask): Promise<void> {
    const { payment, feed, log } = this.#deps;
    const { key } = effect;
    try {
      if (effect.kind === 'charge') feed({ kind: 'payment', key, outcome: await payment.charge(key, effect.amount) });
      else if (effect.kind === 'resolve') feed({ kind: 'payment', key, outcome: await payment.resolve(key) });
      else await payment.cancel(key);
    } catch (error) {
      const reason = codeOf(error) ?? 'terminal_failed';
      log('warn', 'terminal failed', { asked: effect.kind, key, reason, error: String(error) });
      if (effect.kind === 'charge') feed({ kind: 'payment', key, outcome: { status: 'unknown', reason } });
      else if (effect.kind === 'resolve') feed({ kind: 'unresolved', key, reason });
    }
  }
}
