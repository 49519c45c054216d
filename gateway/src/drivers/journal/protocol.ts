import type { Epoch } from '@palang/contract/ids';
import type { Batch, Group, Opened, PruneRule } from '../../journal/writer.js';

/** Between the main thread and the thread that owns the journal's file. Answers come in the order of the requests. */
export type Request =
  | { readonly op: 'write'; readonly group: Group }
  | { readonly op: 'read'; readonly from: number }
  | { readonly op: 'hashOf'; readonly seq: number }
  | { readonly op: 'prune'; readonly rule: PruneRule }
  | { readonly op: 'tidy' }
  | { readonly op: 'close' };

export type Answer =
  | { readonly ok: true; readonly value: Opened | Batch | string | number | null }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface WorkerOptions {
  readonly path: string;
  readonly origin: string;
  readonly newEpoch: Epoch;
  /** The epoch that the main thread has numbered records for, when the thread is started again; a file of another one is refused. */
  readonly mustBe: string | null;
}
