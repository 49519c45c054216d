import type { Clock } from '@palang/contract/clock';
import { codeOf } from '@palang/contract/errors';
import type { Database, Sql } from '@palang/db/database';
import type { Log } from '../log.js';
import { type AuditRow, auditHash, type ChainState, followChain, GENESIS } from './chain.js';

/** A privileged act: who does what to what, and why. */
export interface Act {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly reason?: string;
  readonly requestId: string;
}

export type StoredRow = AuditRow & { readonly hash: string };

export interface Audit {
  /**
   * Writes down that the act begins, carries it out, and writes down how it ended. What cannot be written down is not done.
   * @throws what `work` throws.
   */
  carryOut<Result>(act: Act, work: () => Promise<Result>): Promise<Result>;
  /** Newest first; `after` continues below that seq. */
  page(page: { readonly after?: number | undefined; readonly limit: number }): Promise<StoredRow[]>;
  /** Reads the whole chain. `brokenAt` is the seq of the first row that does not fit, null when all do. */
  verify(): Promise<{ readonly brokenAt: number | null; readonly head: ChainState }>;
}

const PAGE = 1_000;
const COLUMNS = 'seq, at, actor, action, target, reason, outcome, request_id, hash';

export function createAudit(db: Database, clock: Clock, log: Log): Audit {
  /** Rows are numbered one after the other; the queue keeps two of our own from asking for the same number. */
  let queue: Promise<unknown> = Promise.resolve();

  function append(act: Act, outcome: string): Promise<void> {
    const appended = queue.then(() => db.transaction((sql) => appendTo(sql, act, outcome, clock.wall())));
    queue = appended.catch(() => undefined);
    return appended;
  }

  return {
    async carryOut(act, work) {
      await append(act, 'started');
      try {
        const result = await work();
        await finish(act, 'done');
        return result;
      } catch (error) {
        await finish(act, codeOf(error) ?? 'internal');
        throw error;
      }
    },

    async page({ after, limit }) {
      const rows = await db.query<StoredRow>(
        `SELECT ${COLUMNS} FROM audit_log WHERE seq < ? ORDER BY seq DESC LIMIT ${Math.trunc(limit)}`,
        [after ?? Number.MAX_SAFE_INTEGER],
      );
      return rows.map(numbered);
    },

    async verify() {
      let state: ChainState = { seq: 0, hash: GENESIS };
      for (;;) {
        const rows = await db.query<StoredRow>(
          `SELECT ${COLUMNS} FROM audit_log WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
          [state.seq],
        );
        const followed = followChain(state, rows.map(numbered));
        if (!followed.ok) return { brokenAt: followed.brokenAt, head: state };
        state = followed.state;
        if (rows.length < PAGE) return { brokenAt: null, head: state };
      }
    },
  };

  /** The act is done and cannot be undone by failing now: that its end is missing from the log is itself seen there. */
  async function finish(act: Act, outcome: string): Promise<void> {
    try {
      await append(act, outcome);
    } catch (error) {
      log.error('the outcome of an act could not be written to the audit log', { ...act, outcome, error });
    }
  }
}

async function appendTo(sql: Sql, act: Act, outcome: string, at: number): Promise<void> {
  const [last] = await sql.query<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1',
  );
  const row: AuditRow = {
    seq: Number(last?.seq ?? 0) + 1,
    at,
    actor: storable(act.actor, 200),
    action: storable(act.action, 64),
    target: storable(act.target, 200),
    reason: storable(act.reason ?? '', 500),
    outcome: storable(outcome, 64),
    request_id: storable(act.requestId, 64),
  };
  const hash = auditHash(last?.hash ?? GENESIS, row);
  const columns = ['seq', 'at', 'actor', 'action', 'target', 'reason', 'outcome', 'request_id', 'hash'];
  await sql.insert('audit_log', columns, [
    [row.seq, row.at, row.actor, row.action, row.target, row.reason, row.outcome, row.request_id, hash],
  ]);
}

/** What every engine gives back exactly as it was stored: no control characters, no half of a surrogate pair, no space at the end. */
function storable(text: string, length: number): string {
  const clean = text
    .slice(0, length)
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim();
  return Buffer.from(clean).toString();
}

/** The drivers may return a BIGINT as text. */
function numbered(row: StoredRow): StoredRow {
  return { ...row, seq: Number(row.seq), at: Number(row.at) };
}
