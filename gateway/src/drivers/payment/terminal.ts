import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Rupiah } from '@palang/contract/money';
import type { Payment, PaymentOutcome } from '../../ports/payment.js';
import { type Conversation, TerminalLink } from './link.js';
import { type Answer, checkKey } from './messages.js';

/** How long the terminal may take to answer what is no charge. */
const ANSWER_MS = 5_000;

export interface TerminalOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
}

/** A charge that no final answer came to yet. */
interface Charge {
  readonly amount: Rupiah;
  readonly outcome: Promise<PaymentOutcome>;
  settle(outcome: PaymentOutcome): void;
}

/**
 * A payment terminal that speaks JSON lines over TCP (test/site/terminal/PROTOCOL.md). The terminal keeps each charge by its key, so a charge that is asked
 * again tells its outcome and takes nothing. Health: a link that does not answer for 5 s is lost.
 */
export function createTerminalPayment(
  options: TerminalOptions,
): Payment & { readonly counters: () => TerminalCounters } {
  return new TerminalPayment(options);
}

export interface TerminalCounters {
  /** Lines from the terminal that were no answer to anything asked. */
  readonly discarded_lines: number;
  /** Approvals of another amount or key than was asked: a person has to look into each. */
  readonly mismatches: number;
}

class TerminalPayment implements Payment {
  readonly methods = ['card', 'emoney', 'qris'] as const;
  readonly #clock: Clock;
  readonly #link: TerminalLink;
  readonly #charges = new Map<string, Charge>();
  /** What was asked under the keys that were sent and whose outcome is not known. */
  readonly #unsettled = new Map<string, Rupiah>();
  #listener: Parameters<Payment['start']>[0] | null = null;
  #mismatches = 0;

  constructor(options: TerminalOptions) {
    this.#clock = options.clock;
    this.#link = new TerminalLink(options, {
      online: () => this.#listener?.online(),
      offline: (reason) => this.#listener?.offline(reason),
    });
  }

  counters(): TerminalCounters {
    return { discarded_lines: this.#link.discarded, mismatches: this.#mismatches };
  }

  start(listener: Parameters<Payment['start']>[0]): void {
    this.#listener = listener;
    this.#link.start();
  }

  stop(): Promise<void> {
    this.#listener = null;
    this.#link.stop();
    return Promise.resolve();
  }

  async charge(key: string, amount: Rupiah): Promise<PaymentOutcome> {
    checkKey(key);
    const known = this.#charges.get(key);
    if (known !== undefined) return known.outcome;
    const charge = this.#expect(key, amount);
    const over = this.#link.ask(
      { op: 'charge', key, amount, currency: 'IDR' },
      {
        lost: (reason) => charge.settle({ status: 'unknown', reason: `link_lost: ${reason}` }),
        answer: (answer) => {
          if (answer.status === 'waiting') return;
          charge.settle(this.#outcome(answer, key, amount));
        },
      },
    );
    if (over === false) charge.settle(this.#notSent(key));
    else {
      this.#unsettled.set(key, amount);
      charge.outcome.then(over, over);
    }
    return charge.outcome;
  }

  async cancel(key: string): Promise<void> {
    checkKey(key);
    const charge = this.#charges.get(key);
    const answer = await this.#ask('cancel', key).catch((error: unknown) => {
      // Then the charge is not called off, and whether it is paid is not known.
      charge?.settle({ status: 'unknown', reason: 'cancel_unanswered' });
      throw error;
    });
    if (charge !== undefined) charge.settle(this.#outcome(answer, key, charge.amount));
  }

  async resolve(key: string): Promise<PaymentOutcome | { readonly status: 'none' | 'pending' }> {
    checkKey(key);
    const answer = await this.#ask('resolve', key);
    if (answer.status === 'none') {
      this.#unsettled.delete(key);
      return { status: 'none' };
    }
    if (answer.status === 'pending') return { status: 'pending' };
    return this.#outcome(answer, key, this.#unsettled.get(key) ?? null);
  }

  #expect(key: string, amount: Rupiah): Charge {
    let settle: (outcome: PaymentOutcome) => void = () => undefined;
    const outcome = new Promise<PaymentOutcome>((resolve) => {
      settle = (found) => {
        this.#charges.delete(key);
        resolve(found);
      };
    });
    const charge = { amount, outcome, settle };
    this.#charges.set(key, charge);
    return charge;
  }

  /** Nothing of it was sent now; whether an earlier attempt was, decides. */
  #notSent(key: string): PaymentOutcome {
    if (this.#unsettled.has(key)) return { status: 'unknown', reason: 'terminal_offline' };
    return { status: 'declined', reason: 'terminal_offline' };
  }

  #ask(op: 'cancel' | 'resolve', key: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string) =>
        reject(new CodedError('terminal_offline', 'The terminal gave no answer', { op, key, reason }));
      const conversation: Conversation = {
        lost: (reason) => {
          stopWaiting();
          fail(reason);
        },
        answer: (answer) => {
          stopWaiting();
          if (over !== false) over();
          resolve(answer);
        },
      };
      const over = this.#link.ask({ op, key }, conversation);
      const stopWaiting = this.#clock.after(ANSWER_MS, () => {
        if (over !== false) over();
        fail('no answer in time');
      });
      if (over === false) conversation.lost('not connected');
    });
  }

  /** `amount` null: what was asked is not known here, after a restart; whoever resolves compares. */
  #outcome(answer: Answer, key: string, amount: Rupiah | null): PaymentOutcome {
    const outcome = this.#read(answer, key, amount);
    if (outcome.status !== 'unknown') this.#unsettled.delete(key);
    return outcome;
  }

  #read(answer: Answer, key: string, amount: Rupiah | null): PaymentOutcome {
    if ('key' in answer && answer.key !== undefined && answer.key !== key) {
      this.#mismatches += 1;
      return { status: 'unknown', reason: 'key_mismatch' };
    }
    switch (answer.status) {
      case 'approved': {
        if (amount !== null && answer.amount !== amount) {
          this.#mismatches += 1;
          return { status: 'unknown', reason: 'amount_mismatch' };
        }
        const { amount: taken, instrument, reference, masked } = answer;
        return { status: 'approved', amount: taken, method: instrument, reference, masked: masked ?? null };
      }
      case 'declined':
      case 'cancelled':
        return { status: answer.status, reason: answer.reason };
      case 'none':
        return { status: 'cancelled', reason: 'never_charged' };
      case 'error':
        // A terminal at work on another charge has not begun this one; it says so before it remembers the key.
        if (answer.reason === 'busy') return { status: 'declined', reason: 'busy' };
        return { status: 'unknown', reason: answer.reason };
      default:
        return { status: 'unknown', reason: `answered ${answer.status}` };
    }
  }
}
