import type { Digest, Epoch, Origin, SubjectRef } from '@palang/contract/ids';
import type { Stamp } from '@palang/contract/instant';
import type { Card, OpenSession, Settings } from '@palang/contract/link/replica';
import type { Rupiah } from '@palang/contract/money';
import type { Tariff } from '@palang/contract/tariff/tariff';
import type { ArmPosition, FaultCode, GateAction, PaymentMethod } from '@palang/contract/vocabulary';
import type { Presented, TimerName } from './state.js';

/** What the device will call the next command (ports/barrier). */
export interface PreparedCommand {
  readonly boot: number;
  readonly sequence: number;
}

/** Time and names are data: the machine itself reads no clock and draws no number. */
export interface Context {
  readonly now: Stamp;
  readonly origin: Origin;
  readonly epoch: Epoch;
  /** The first record of this transition gets this seq, the next ones follow. */
  readonly nextSeq: number;
  /** Null when the barrier cannot be commanded now. */
  readonly prepared: PreparedCommand | null;
}

/** What the replica knew when a credential was presented. */
export interface Lookup {
  readonly card: Card | undefined;
  readonly openSession: OpenSession | undefined;
  readonly settings: Settings | null;
  readonly occupied: number;
  readonly tariffs: readonly Tariff[];
  readonly plate: string | null;
  readonly plateRef: SubjectRef | null;
}

/** Who gave an order, for the record. */
export interface By {
  readonly command: string;
  readonly actor: string;
  readonly reason: string;
}

export interface Levels {
  readonly arming: boolean | null;
  readonly closing: boolean | null;
}

export type Outcome =
  | {
      readonly status: 'approved';
      readonly amount: Rupiah;
      readonly method: PaymentMethod;
      readonly reference: string;
      readonly masked: string | null;
    }
  | { readonly status: 'declined' | 'cancelled' | 'unknown'; readonly reason: string }
  | { readonly status: 'none' | 'pending' };

export type Operation = 'raise' | 'lower' | 'hold' | 'release' | 'stop';

export interface GateOrder {
  readonly by: By;
  readonly action: GateAction;
}

/** Everything that can happen to a lane. */
export type Input =
  /** First input after a start: what was under way is picked up again. */
  | { readonly kind: 'restored' }
  | { readonly kind: 'loop'; readonly loop: 'arming' | 'closing'; readonly occupied: boolean }
  | { readonly kind: 'passage'; readonly passage: 'entered' | 'left' }
  | { readonly kind: 'credential'; readonly presented: Presented; readonly look: Lookup }
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'button' }
  | { readonly kind: 'position'; readonly position: ArmPosition }
  | { readonly kind: 'opened'; readonly openings: number; readonly commanded: boolean }
  | {
      readonly kind: 'online';
      readonly position: ArmPosition | null;
      readonly openings: number | null;
      readonly levels: Levels;
    }
  | { readonly kind: 'offline'; readonly reason: string }
  /** The timer `reconcile` fired: what the device says now, after it has told again what was not acknowledged. */
  | {
      readonly kind: 'reconcile';
      readonly position: ArmPosition | null;
      readonly openings: number | null;
      readonly levels: Levels;
    }
  | { readonly kind: 'fault'; readonly fault: FaultCode; readonly active: boolean; readonly detail: string }
  /** What became of a barrier command; `failure` is a code of the barrier port, null = the device took it. */
  | {
      readonly kind: 'sent';
      readonly operation: Operation;
      readonly opening: number | null;
      readonly order: GateOrder | null;
      readonly failure: string | null;
    }
  | { readonly kind: 'payment'; readonly key: string; readonly outcome: Outcome }
  /** The terminal could not be asked about a key. */
  | { readonly kind: 'unresolved'; readonly key: string; readonly reason: string }
  | {
      readonly kind: 'photo';
      readonly id: string;
      readonly photo: { readonly digest: Digest; readonly bytes: number; readonly at: number } | null;
      readonly reason: string;
    }
  | { readonly kind: 'timer'; readonly timer: Exclude<TimerName, 'reconcile'> }
  | { readonly kind: 'gate'; readonly order: GateOrder; readonly duration: number }
  | { readonly kind: 'capture'; readonly by: By };

export type InputOf<K extends Input['kind']> = Extract<Input, { readonly kind: K }>;
