import type { SessionId } from '@palang/contract/ids';
import type { Draft } from '@palang/contract/link/events';
import type { OpenSession } from '@palang/contract/link/replica';
import type { Rupiah } from '@palang/contract/money';
import type { GateOrder, Operation, PreparedCommand } from './input.js';
import type { LaneState, Presented } from './state.js';

/** The answer to an order (ports/lanes). `code` of a refusal is one of the HTTP surface's problem codes. */
export type Answer =
  | {
      readonly ok: true;
      readonly outcome: 'accepted' | 'approved' | 'settled' | 'awaiting_payment' | 'captured';
      readonly detail: Record<string, unknown>;
    }
  | { readonly ok: false; readonly code: string; readonly detail: Record<string, unknown> };

/** What the runtime does once the records are stored. */
export type Effect =
  | {
      readonly kind: 'send';
      readonly operation: Operation;
      /** Set for a command that opens: it is in the record. Others are prepared when they are sent. */
      readonly prepared: PreparedCommand | null;
      /** Minimum time held open, ms. */
      readonly hold_open: number;
      /** A raise whose opening is over when its turn comes is not sent. */
      readonly opening: number | null;
      /** A paid exit may wait longer for its record. */
      readonly paid: boolean;
      readonly order: GateOrder | null;
    }
  | { readonly kind: 'capture'; readonly id: string }
  | { readonly kind: 'charge'; readonly key: string; readonly amount: Rupiah }
  | { readonly kind: 'cancel'; readonly key: string }
  | { readonly kind: 'resolve'; readonly key: string }
  | { readonly kind: 'opened'; readonly session: OpenSession }
  | { readonly kind: 'changed'; readonly session: OpenSession }
  | { readonly kind: 'gone'; readonly session: SessionId }
  /** Look the credential up again and present it as a new input. */
  | { readonly kind: 'lookAgain'; readonly presented: Presented }
  | { readonly kind: 'answer'; readonly command: string; readonly answer: Answer };

export interface Transition {
  /** The same object when nothing changed. */
  readonly state: LaneState;
  readonly records: readonly Draft[];
  readonly effects: readonly Effect[];
  /** Why the input did nothing, or null. */
  readonly ignored: string | null;
}
