import { createHash } from 'node:crypto';

/** One line of the audit log. An act has two: `started` before it is carried out, and how it went after. */
export interface AuditRow {
  readonly seq: number;
  /** Epoch ms at the hub. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly reason: string;
  readonly outcome: string;
  readonly request_id: string;
}

/** What the first row follows. */
export const GENESIS = '0'.repeat(64);

/** Hash of a row: sha256 over the previous hash and the row's values in a fixed order. */
export function auditHash(previous: string, row: AuditRow): string {
  const values = [row.seq, row.at, row.actor, row.action, row.target, row.reason, row.outcome, row.request_id];
  return createHash('sha256').update(previous).update(JSON.stringify(values)).digest('hex');
}

export interface ChainState {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Follows the chain over rows in rising order from `state`. Returns the new state, or the seq of the first row that does not fit:
 * a changed row by its hash, a removed or invented one by its number.
 */
export function followChain(
  state: ChainState,
  rows: readonly (AuditRow & { readonly hash: string })[],
): { readonly ok: true; readonly state: ChainState } | { readonly ok: false; readonly brokenAt: number } {
  let { seq, hash } = state;
  for (const row of rows) {
    if (row.seq !== seq + 1 || row.hash !== auditHash(hash, row)) return { ok: false, brokenAt: seq + 1 };
    seq = row.seq;
    hash = row.hash;
  }
  return { ok: true, state: { seq, hash } };
}
