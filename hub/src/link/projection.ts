import { eventId, type SessionId, type SubjectRef } from '@palang/contract/ids';
import { correctedWall } from '@palang/contract/instant';
import { type Event, parseRecord } from '@palang/contract/link/events';
import { type Book, type FoldResult, fold } from '@palang/contract/session/fold';
import type { Session } from '@palang/contract/session/session';
import { placeholders, type Sql } from '@palang/db/database';
import type { Attention } from './attention.js';
import { columns, fromFacts, replaceRow, toRow } from './parkingLog.js';
import type { Examined } from './records.js';
import type { Learned, Subjects } from './subjects.js';

/** The sessions that a batch can touch, loaded before folding. */
class LoadedBook implements Book {
  readonly sessions = new Map<SessionId, Session>();
  readonly #byCredential = new Map<SubjectRef, Set<SessionId>>();
  readonly #subjects: Subjects;

  constructor(subjects: Subjects) {
    this.#subjects = subjects;
  }

  session(id: SessionId): Session | undefined {
    return this.sessions.get(id);
  }

  sessionsOf(credential: SubjectRef): readonly Session[] {
    const ids = this.#byCredential.get(this.#subjects.canonical(credential)) ?? [];
    return [...ids].flatMap((id) => this.sessions.get(id) ?? []);
  }

  put(session: Session): void {
    this.sessions.set(session.id, session);
    const credential = session.entry?.credential ?? null;
    if (credential === null) return;
    const canonical = this.#subjects.canonical(credential);
    const ids = this.#byCredential.get(canonical) ?? new Set();
    this.#byCredential.set(canonical, ids.add(session.id));
  }
}

export interface Projected {
  /** Every session that was looked at, as it is now. */
  readonly sessions: ReadonlyMap<SessionId, Session>;
  readonly changed: readonly Session[];
  readonly attention: readonly Attention[];
}

/**
 * Folds a batch into `parking_log` and `payments`, inside the batch's transaction. References whose value came only now are `learned.late`:
 * the entries that named them are folded again, because sessions of one credential may have been taken for strangers.
 * `careful` looks for taken payment keys first, instead of running into them. `meanwhile` starts a statement that the database works on
 * during the folding; nothing else is sent before it is done: after a deadlock that would be a transaction of its own.
 */
export async function project(
  sql: Sql,
  subjects: Subjects,
  items: readonly Examined[],
  learned: Pick<Learned, 'late' | 'unheard'>,
  careful: boolean,
  meanwhile: () => Promise<void>,
): Promise<Projected> {
  const understood: { item: Examined | null; event: Event }[] = [];
  for (const event of await entriesNaming(sql, learned.late)) understood.push({ item: null, event });
  for (const item of items) if (item.event !== null) understood.push({ item, event: item.event });
  const events = understood.map(({ event }) => event);

  const book = await loadBook(sql, subjects, items, events, learned.unheard);
  const folding = async () => {
    const result = foldAll(book, understood);
    return { ...result, rows: result.changed.map((session) => toRow(session, subjects)) };
  };
  const [, { changed, payments, attention, rows }] = await Promise.all([meanwhile(), folding()]);
  await sql.insert('parking_log', columns, rows, replaceRow(sql.dialect));
  attention.push(...(await addPayments(sql, payments, items, careful)));
  return { sessions: book.sessions, changed, attention };
}

function foldAll(book: LoadedBook, understood: readonly { readonly item: Examined | null; readonly event: Event }[]) {
  const changed = new Set<SessionId>();
  const payments: FoldResult['payments'][number][] = [];
  const attention: Attention[] = [];
  for (const { item, event } of understood) {
    try {
      const result = fold(book, event);
      for (const session of result.sessions) {
        book.put(session);
        changed.add(session.id);
      }
      payments.push(...result.payments);
    } catch (error) {
      // One event that cannot be folded must not hold up the gateway's others; its bytes are stored like theirs.
      if (item !== null) attention.push({ code: 'fold_failed', item, detail: { error: String(error) } });
    }
  }
  return { changed: [...changed].flatMap((id) => book.session(id) ?? []), payments, attention };
}

async function loadBook(
  sql: Sql,
  subjects: Subjects,
  items: readonly Examined[],
  events: readonly Event[],
  unheard: Learned['unheard'],
): Promise<LoadedBook> {
  const named = new Set<SessionId>();
  const refs = new Set<SubjectRef>();
  for (const item of items) if (item.header?.session != null) named.add(item.header.session);
  for (const event of events) {
    if (event.kind === 'entry_approved' || event.kind === 'tailgating') named.add(eventId(event));
    if (event.kind === 'tailgating' && event.data.behind !== null) named.add(event.data.behind);
  }
  const loaded =
    named.size === 0 ? [] : await rowsWhere(sql, `session_id IN (${placeholders(named.size)})`, [...named]);
  let bound = Number.POSITIVE_INFINITY;
  const credentials = new Set<SubjectRef>();
  const consider = (entry: Pick<NonNullable<Session['entry']>, 'at' | 'credential' | 'plate'>) => {
    bound = Math.min(bound, correctedWall(entry.at));
    if (entry.credential !== null) credentials.add(entry.credential);
    for (const ref of [entry.credential, entry.plate]) if (ref !== null) refs.add(ref);
  };
  for (const session of loaded) if (session.entry !== null) consider(session.entry);
  for (const event of events) if (event.kind === 'entry_approved') consider({ at: event.at, ...event.data });
  await subjects.load(sql, refs);
  await subjects.miss(
    sql,
    [...refs].filter((ref) => !subjects.isKnown(ref)),
  );
  const book = new LoadedBook(subjects);
  for (const session of loaded) book.put(session);
  const canonicals = new Set([...credentials].map((ref) => subjects.canonical(ref)).filter((ref) => !unheard.has(ref)));
  for (const session of await overlapping(sql, [...canonicals], bound))
    if (!book.sessions.has(session.id)) book.put(session);
  return book;
}

/**
 * Sessions of the credentials that can overlap one that begins at or after `bound`, and those that can overlap *them*, and so on: the fold
 * judges each session against all the others it is shown, so a stay that is left out would take a true flag back.
 */
async function overlapping(sql: Sql, credentials: readonly SubjectRef[], bound: number): Promise<Session[]> {
  if (credentials.length === 0) return [];
  for (let from = bound; ; ) {
    const found = await rowsWhere(
      sql,
      `credential IN (${placeholders(credentials.length)}) AND status <> 'voided' AND (exit_time IS NULL OR exit_time > ?)`,
      [...credentials, from],
    );
    const earliest = Math.min(from, ...found.flatMap(({ entry }) => (entry === null ? [] : correctedWall(entry.at))));
    if (earliest === from) return found;
    from = earliest;
  }
}

async function rowsWhere(sql: Sql, condition: string, values: readonly (string | number)[]): Promise<Session[]> {
  const lock = sql.dialect === 'mysql' ? ' FOR UPDATE' : '';
  const rows = await sql.query<{ facts: string }>(`SELECT facts FROM parking_log WHERE ${condition}${lock}`, values);
  return rows.map((row) => fromFacts(row.facts));
}

/** A scan, but only after something went wrong at a gateway: it names references together with their values. */
async function entriesNaming(sql: Sql, refs: readonly SubjectRef[]): Promise<Event[]> {
  const events: Event[] = [];
  for (const ref of refs) {
    const rows = await sql.query<{ record: string }>(
      "SELECT record FROM events WHERE kind = 'entry_approved' AND record LIKE ? ORDER BY position",
      [`%${ref}%`],
    );
    for (const { record } of rows) {
      const parsed = parseRecord(record);
      if (parsed.ok) events.push(parsed.event);
    }
  }
  return events;
}

/** A key that another session has used already is never a second payment: it is shown to a person. */
async function addPayments(
  sql: Sql,
  payments: FoldResult['payments'],
  items: readonly Examined[],
  careful: boolean,
): Promise<Attention[]> {
  if (payments.length === 0) return [];
  const used = new Set<string>();
  if (careful) {
    const keys = payments.map((payment) => payment.key);
    const taken = await sql.query<{ payment_key: string }>(
      `SELECT payment_key FROM payments WHERE payment_key IN (${placeholders(keys.length)})`,
      keys,
    );
    for (const row of taken) used.add(row.payment_key);
  }
  const attention: Attention[] = [];
  const rows = payments.flatMap((payment) => {
    if (used.has(payment.key)) {
      const item = items.find(({ event }) => event?.kind === 'payment_settled' && event.data.key === payment.key);
      if (item !== undefined) attention.push({ code: 'payment_key_reused', item, detail: { key: payment.key } });
      return [];
    }
    used.add(payment.key);
    const { key, session, revision, amount, method, reference, masked, lane, at } = payment;
    return [[key, session, revision, amount, method, reference, masked, lane, correctedWall(at)]];
  });
  await sql.insert(
    'payments',
    ['payment_key', 'session_id', 'revision', 'amount', 'method', 'reference', 'masked', 'gate', 'paid_at'],
    rows,
  );
  return attention;
}
