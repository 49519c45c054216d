import type { Order } from '@palang/contract/link/commands';
import type { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import type { Frame } from './camera.js';

export interface By {
  /** Id of the command, for the record. */
  readonly command: string;
  readonly actor: string;
  readonly reason: string;
}

export type OrderResult =
  | {
      readonly ok: true;
      readonly outcome: 'accepted' | 'approved' | 'settled' | 'awaiting_payment' | 'captured';
      readonly detail: Record<string, unknown>;
    }
  /** `code` is one of the problem codes of the HTTP surface (contract/api/problem). */
  | { readonly ok: false; readonly code: string; readonly detail: Record<string, unknown> };

/** A running lane, as the link and the gateway's HTTP surface see it. */
export interface LaneService {
  readonly description: LaneDescription;
  snapshot(): LaneSnapshot;
  /** Called after every change of the snapshot, at most 10 times a second and always with the last state. */
  onChange(listener: () => void): () => void;
  /** Carries an order out now, or says why not. Settles within 5 s; for entry and exit once the decision is recorded. */
  execute(order: Order, by: By): Promise<OrderResult>;
  watchCamera(onFrame: (frame: Frame) => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}
