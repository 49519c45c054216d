import { correctedWall } from '@palang/contract/instant';
import { type Rupiah, sum } from '@palang/contract/money';
import { isInside, paidFor, type Session, stateOf } from '@palang/contract/session/session';
import { type Dialect, upsert, type Value } from '@palang/db/database';
import type { Subjects } from './subjects.js';

/** The columns of `parking_log`; `facts` holds the whole session, the others are for questions and for people. */
export const columns = [
  'session_id',
  'status',
  'inside',
  'card_id',
  'license_plate',
  'credential',
  'vehicle_class',
  'right_type',
  'entry_gate',
  'entry_time',
  'exit_gate',
  'exit_time',
  'fee',
  'paid',
  'flags',
  'facts',
] as const;

export function replaceRow(dialect: Dialect): string {
  return upsert(dialect, ['session_id'], columns.slice(1));
}

export function toRow(session: Session, subjects: Subjects): Value[] {
  const { entry, left } = session;
  const credential = entry?.credential ?? null;
  return [
    session.id,
    stateOf(session),
    isInside(session) ? 1 : 0,
    entry?.card ?? null,
    subjects.value(entry?.plate ?? null),
    credential === null ? null : subjects.canonical(credential),
    entry?.vehicle_class ?? null,
    entry?.right ?? null,
    entry?.lane ?? null,
    entry === null ? null : correctedWall(entry.at),
    left?.lane ?? null,
    left === null ? null : correctedWall(left.at),
    feeOf(session),
    paidFor(session),
    session.flags.join(' '),
    JSON.stringify(session),
  ];
}

/** What the stay cost, paid or not: the approved quote without what had been paid before it. Null until an exit was approved. @throws CodedError `bad_amount` */
function feeOf(session: Session): Rupiah | null {
  const quote = session.exit?.approved === true ? session.exit.quote : null;
  if (quote === null) return null;
  return sum(quote.lines.filter((line) => line.kind !== 'already_paid').map((line) => line.amount));
}

/** Our own text, written by `toRow`. */
export function fromFacts(facts: string): Session {
  return JSON.parse(facts) as Session;
}
