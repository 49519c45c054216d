import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Mark, Subject } from '@palang/contract/link/envelope';
import type { Database, Sql } from '@palang/db/database';
import { projectAlerts } from './alerts.js';
import { type Attention, addAttention } from './attention.js';
import type { Commit, StoredEvent } from './ports.js';
import { type Projected, project } from './projection.js';
import { type Examined, type Run, sessionOf } from './records.js';
import { storedHashes } from './stored.js';
import type { Subjects } from './subjects.js';

export interface Written {
  readonly before: Mark | null;
  readonly after: Mark;
  readonly items: readonly Examined[];
  readonly subjects: readonly Subject[];
  /** False to store the records without folding them, after the books have refused them. */
  readonly foldable: boolean;
}

const NOTHING: Projected = { sessions: new Map(), changed: [], attention: [] };

/** Writes one batch in one transaction. No ORM here: this is the path that a backlog of days comes through. */
export class BatchWriter {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #subjects: Subjects;
  /** Position of the last stored event; null when it must be asked. */
  #position: number | null = null;
  /** Set after a collision: names or payment keys may be taken, although the mark does not say so. Looked up only then. */
  #suspicious = false;

  constructor(database: Database, clock: Clock, subjects: Subjects) {
    this.#database = database;
    this.#clock = clock;
    this.#subjects = subjects;
  }

  forgetMemory(): void {
    this.#position = null;
    this.#suspicious = true;
  }

  /** `prepared` is told what will have been committed just before the commit is asked for, whose outcome may stay unknown. */
  async write(run: Run, written: Written, prepared: (commit: Commit) => void): Promise<Commit> {
    let last = 0;
    let runs = 0;
    const commit = await this.#database.transaction(async (sql) => {
      // The transaction may run several times: what it remembered of an attempt that was thrown away is not so.
      runs += 1;
      if (runs > 1) this.forgetMemory();
      if (runs > 1) this.#subjects.forgetMemory();
      const now = this.#clock.wall();
      last = this.#position ?? (await lastPosition(sql));
      await moveMark(sql, run, written.before, written.after, now);
      const result = await this.#store(sql, run, written, last, now);
      last += result.events.length;
      prepared(result);
      return result;
    });
    this.#position = last;
    this.#suspicious = false;
    return commit;
  }

  async #store(sql: Sql, run: Run, written: Written, last: number, now: number): Promise<Commit> {
    const { items, foldable } = written;
    const attention: Attention[] = [];
    const taken = this.#suspicious ? await storedHashes(sql, run) : null;
    const added: Examined[] = [];
    for (const item of items) {
      const hash = taken?.get(item.seq);
      if (hash === undefined) added.push(item);
      else if (hash !== item.hash)
        attention.push({ code: 'conflict', item, detail: { stored: hash }, keepRecord: true });
    }
    for (const item of added) if (item.problem !== null) attention.push({ code: item.problem, item, detail: {} });
    const storeEvents = () => insertEvents(sql, run, added, last, now);
    let projected = NOTHING;
    if (foldable) {
      const learned = await this.#subjects.learn(sql, written.subjects);
      const conflicting = new Set(attention.filter(({ code }) => code === 'conflict').map(({ item }) => item.seq));
      const folded = items.filter((item) => !conflicting.has(item.seq));
      projected = await project(sql, this.#subjects, folded, learned, this.#suspicious, storeEvents);
      await projectAlerts(sql, run.origin, folded);
      const first = items[0];
      if (first !== undefined) {
        for (const { code, ref } of learned.refused) attention.push({ code, item: first, detail: { ref } });
      }
    } else {
      for (const item of added) attention.push({ code: 'not_folded', item, detail: {} });
      await storeEvents();
    }
    const events = added.map((item, index) => this.#stored(item, last + 1 + index, now, projected));
    await addAttention(sql, run, [...attention, ...projected.attention], now);
    return {
      origin: run.origin,
      events,
      sessions: projected.changed.map((session) => ({
        session,
        plate: this.#subjects.value(session.entry?.plate ?? null),
        credential: this.#subjects.value(session.entry?.credential ?? null),
      })),
    };
  }

  #stored(item: Examined, position: number, receivedAt: number, projected: Projected): StoredEvent {
    const session = sessionOf(item);
    const entry = session === null ? null : (projected.sessions.get(session)?.entry ?? null);
    const card = item.header?.data.card;
    return {
      position,
      id: item.id,
      kind: kindOf(item),
      lane: item.header?.lane ?? null,
      session,
      receivedAt,
      header: item.header,
      plate: this.#subjects.value(entry?.plate ?? null),
      card: entry?.card ?? (typeof card === 'string' ? card : null),
    };
  }

  /** Keeps a run whose chain does not verify where a person finds it, outside the history, and lets the gateway go on after it. */
  async setAside(run: Run, before: Mark | null, after: Mark): Promise<void> {
    await this.#database.transaction(async (sql) => {
      const now = this.#clock.wall();
      await moveMark(sql, run, before, after, now);
      const items = run.records.map((record, index) => ({ seq: run.from + index, hash: after.hash, record }));
      await addAttention(
        sql,
        run,
        items.map((item) => ({
          code: 'chain_mismatch',
          item,
          detail: { follows: before?.hash ?? null },
          keepRecord: true,
        })),
        now,
      );
    });
  }
}

async function lastPosition(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ last: number | null }>('SELECT MAX(position) AS last FROM events');
  return row?.last ?? 0;
}

/** Compare-and-set: nobody else may have moved it since it was read. @throws CodedError `mark_moved` */
async function moveMark(sql: Sql, run: Run, before: Mark | null, after: Mark, now: number): Promise<void> {
  if (before === null) {
    await sql.insert(
      'marks',
      ['origin', 'epoch', 'seq', 'hash', 'updated_at'],
      [[run.origin, run.epoch, after.seq, after.hash, now]],
    );
    return;
  }
  const moved = await sql.execute(
    'UPDATE marks SET seq = ?, hash = ?, updated_at = ? WHERE origin = ? AND epoch = ? AND seq = ? AND hash = ?',
    [after.seq, after.hash, now, run.origin, run.epoch, before.seq, before.hash],
  );
  if (moved !== 1) throw new CodedError('mark_moved', 'Somebody else has stored records of this journal');
}

async function insertEvents(sql: Sql, run: Run, items: readonly Examined[], last: number, now: number): Promise<void> {
  const { origin, epoch } = run;
  await sql.insert(
    'events',
    ['position', 'origin', 'epoch', 'seq', 'hash', 'kind', 'lane', 'session_id', 'received_at', 'record'],
    items.map((item, index) => [
      last + 1 + index,
      origin,
      epoch,
      item.seq,
      item.hash,
      kindOf(item),
      item.header?.lane ?? null,
      sessionOf(item),
      now,
      item.record,
    ]),
  );
}

function kindOf(item: Examined): string {
  return item.header?.kind ?? 'unreadable';
}
