import type { Rupiah } from '@palang/contract/money';
import type { PaymentMethod } from '@palang/contract/vocabulary';

export type PaymentOutcome =
  | {
      readonly status: 'approved';
      readonly amount: Rupiah;
      readonly method: PaymentMethod;
      readonly reference: string;
      readonly masked: string | null;
    }
  | { readonly status: 'declined' | 'cancelled'; readonly reason: string }
  /** The device may or may not have taken the money: ask `resolve` before anything else. */
  | { readonly status: 'unknown'; readonly reason: string };

/**
 * Takes money at a lane.
 * - The idempotency key names the debt: charging a key again never takes money twice, it tells the outcome.
 * - `charge` always settles: approved, declined, cancelled, or unknown when the device was lost on the way. It has no time limit of its own;
 *   the lane calls `cancel`, after which `charge` settles (possibly approved: the driver was faster).
 * - `resolve` asks the device what became of a key: an outcome, `none` when it never saw the key, `pending`, or rejects with `terminal_offline`.
 * - The amount that was approved is the amount that was asked, or the outcome is `unknown`.
 */
export interface Payment {
  readonly methods: readonly PaymentMethod[];
  start(listener: { online(): void; offline(reason: string): void }): void;
  stop(): Promise<void>;
  charge(key: string, amount: Rupiah): Promise<PaymentOutcome>;
  cancel(key: string): Promise<void>;
  resolve(key: string): Promise<PaymentOutcome | { readonly status: 'none' | 'pending' }>;
}
