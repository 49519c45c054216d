import type { SubjectRef } from '@palang/contract/ids';
import { parseRecord } from '@palang/contract/link/events';
import { fold } from '@palang/contract/session/fold';
import type { Session } from '@palang/contract/session/session';
import { memoryBook } from '@palang/contract/testing/builders';
import type { Database } from '@palang/db/database';
import { migrator } from '@palang/db/migrate';
import { seed } from '@palang/db/seeds';
import { type Engine, machine } from '@palang/db/testing/engines';
import { createIngest, type Ingest } from '../ingest.js';
import { sha256 } from '../keys.js';
import type { TestJournal } from './journal.js';

/** A migrated, seeded database with an ingest that fails the test on any report. */
export async function openBooks(engine: Engine): Promise<{ database: Database; ingest: Ingest; reports: unknown[] }> {
  const database = await engine.open();
  await migrator(database, machine.clock).up();
  await seed(database, machine.clock);
  const reports: unknown[] = [];
  const ingest = createIngest({ database, clock: machine.clock, sha256, report: (error) => reports.push(error) });
  return { database, ingest, reports };
}

/** Everything of the ledger that must not depend on how it came to be. */
export async function booksOf(database: Database): Promise<{
  sessions: Record<string, Session>;
  payments: unknown[];
  records: unknown[];
}> {
  const sessions = await database.query<{ session_id: string; facts: string }>(
    'SELECT session_id, facts FROM parking_log ORDER BY session_id',
  );
  const payments = await database.query<object>(
    'SELECT payment_key, session_id, amount, method, paid_at FROM payments ORDER BY payment_key',
  );
  const records = await database.query<object>(
    'SELECT origin, epoch, seq, hash, record FROM events ORDER BY origin, epoch, seq',
  );
  return {
    sessions: Object.fromEntries(sessions.map((row) => [row.session_id, JSON.parse(row.facts)])),
    payments: payments.map((row) => ({ ...row })),
    records: records.map((row) => ({ ...row })),
  };
}

/** The same journals folded in memory, journal after journal, with references of one value taken for one. */
export function oracle(journals: readonly TestJournal[]): Record<string, Session> {
  const values = new Map(
    journals.flatMap((journal) => journal.subjects.map(({ ref, value }) => [ref, value] as const)),
  );
  const book = memoryBook();
  const same = (a: SubjectRef | null | undefined, b: SubjectRef) =>
    a != null && (values.get(a) ?? a) === (values.get(b) ?? b);
  const aliased = {
    ...book,
    sessionsOf: (credential: SubjectRef) =>
      [...book.sessions.values()].filter((session) => same(session.entry?.credential, credential)),
  };
  for (const journal of journals) {
    for (const record of journal.records) {
      const parsed = parseRecord(record);
      if (parsed.ok) book.apply(fold(aliased, parsed.event));
    }
  }
  return Object.fromEntries([...book.sessions].sort(([a], [b]) => (a < b ? -1 : 1)));
}
