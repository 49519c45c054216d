import type { SessionId, SubjectRef } from '../ids.js';
import { eventId } from '../ids.js';
import { correctedWall, type Stamp } from '../instant.js';
import type { Event } from '../link/events.js';
import { presence, type Session, type SessionFlag, type SettledPayment } from './session.js';

/** What the fold may look at. The caller loads it before folding; the fold reads and writes nothing else. */
export interface Book {
  session(id: SessionId): Session | undefined;
  /** Sessions of the same credential (aliases of the reference included) that may overlap one that begins at or after `from`. */
  sessionsOf(credential: SubjectRef): readonly Session[];
}

export interface FoldResult {
  /** The sessions that changed, whole. */
  readonly sessions: readonly Session[];
  /** Ledger rows to add. Each key appears once in the life of the ledger. */
  readonly payments: readonly (SettledPayment & { readonly session: SessionId })[];
}

const NOTHING: FoldResult = { sessions: [], payments: [] };

/**
 * Folds one event into the sessions. Pure, and independent of the order in which events of different origins arrive:
 * folding the same events in any order gives the same sessions, flags included. Folding an event twice changes nothing the second time.
 * The one exception is a contradiction: of two settlements that share a key but not amount and reference the first to arrive stands, and the
 * session is flagged `key_conflict` for a person to settle.
 */
export function fold(book: Book, event: Event): FoldResult {
  switch (event.kind) {
    case 'entry_approved': {
      const { credential, card, plate, vehicle_class, right, over_capacity } = event.data;
      const own = eventId(event);
      const before = book.session(own) ?? blank(own);
      const entry = { lane: event.lane, at: event.at, credential, card, plate, vehicle_class, right };
      let session = unflag({ ...before, entry }, 'entry_unknown');
      if (over_capacity) session = flag(session, 'over_capacity');
      return { sessions: overlaps(book, session), payments: [] };
    }
    case 'tailgating': {
      const { behind, direction, vehicle_class } = event.data;
      const own = eventId(event);
      const changed: Session[] = [];
      if (direction === 'in') {
        const entry = {
          lane: event.lane,
          at: event.at,
          credential: null,
          card: null,
          plate: null,
          vehicle_class,
          right: 'casual' as const,
        };
        const entered = { lane: event.lane, at: event.at, evidence: 'passageProven' as const };
        changed.push(
          unflag({ ...(book.session(own) ?? blank(own)), entry, entered, provisional: true }, 'entry_unknown'),
        );
      }
      if (behind !== null) changed.push(flag(book.session(behind) ?? blank(behind), 'tailgated'));
      return { sessions: changed, payments: [] };
    }
    case 'payment_settled': {
      if (event.session === null) return NOTHING;
      const before = book.session(event.session) ?? blank(event.session);
      const payment: SettledPayment = { ...event.data, lane: event.lane, at: event.at };
      const known = before.payments.find((candidate) => candidate.key === payment.key);
      if (known !== undefined) {
        const same = known.amount === payment.amount && known.reference === payment.reference;
        return same ? NOTHING : { sessions: [flag(before, 'key_conflict')], payments: [] };
      }
      const payments = [...before.payments, payment].sort((a, b) => (a.key < b.key ? -1 : 1));
      return { sessions: [{ ...before, payments }], payments: [{ ...payment, session: event.session }] };
    }
    default:
      return about(book, event);
  }
}

/** Events that add one fact to the session they name. */
function about(book: Book, event: Event): FoldResult {
  if (event.session === null) return NOTHING;
  const before = book.session(event.session) ?? blank(event.session);
  const passage = { lane: event.lane, at: event.at };
  switch (event.kind) {
    case 'entry_passed':
      return changed(
        book,
        judgeVoid({ ...before, entered: before.entered ?? { ...passage, evidence: event.data.evidence } }),
      );
    case 'entry_voided':
      return changed(
        book,
        judgeVoid({ ...before, voided: before.voided ?? { at: event.at, reason: event.data.reason } }),
      );
    case 'exit_approved':
      return changed(book, laterExit(before, { ...passage, quote: event.data.quote, approved: true }));
    case 'exit_voided':
      return changed(book, laterExit(before, { ...passage, quote: null, approved: false }));
    case 'exit_passed':
      return changed(book, { ...before, left: before.left ?? { ...passage, evidence: event.data.evidence } });
    case 'photo_taken': {
      if (before.photos.some((photo) => photo.digest === event.data.digest)) return NOTHING;
      const photos = [...before.photos, { digest: event.data.digest, purpose: event.data.purpose, at: event.at }];
      photos.sort((a, b) => compareStamps(a.at, b.at) || (a.digest < b.digest ? -1 : 1));
      return changed(book, { ...before, photos });
    }
    default:
      return NOTHING;
  }
}

function changed(book: Book, session: Session): FoldResult {
  return { sessions: overlaps(book, session), payments: [] };
}

function laterExit(session: Session, exit: NonNullable<Session['exit']>): Session {
  if (session.exit !== null && compareStamps(session.exit.at, exit.at) > 0) return session;
  return { ...session, exit };
}

/** A session that was voided and yet seen to pass keeps both facts; passing wins and the conflict is shown. */
function judgeVoid(session: Session): Session {
  return session.entered !== null && session.voided !== null ? flag(session, 'void_conflict') : session;
}

/** Flags every pair of stays of one credential that overlap, and takes the flag back where a late event shows that they do not. */
function overlaps(book: Book, session: Session): Session[] {
  const credential = session.entry?.credential ?? null;
  if (credential === null) return [session];
  const all = [session, ...book.sessionsOf(credential).filter((other) => other.id !== session.id)];
  const result: Session[] = [];
  for (const one of all) {
    const double = all.some((other) => other.id !== one.id && overlap(one, other));
    const judged = double ? flag(one, 'double_entry') : unflag(one, 'double_entry');
    if (judged !== one || one === session) result.push(judged);
  }
  return result;
}

function overlap(a: Session, b: Session): boolean {
  const [one, other] = [presence(a), presence(b)];
  if (one === null || other === null) return false;
  return one.from < other.until && other.from < one.until;
}

function compareStamps(a: Stamp, b: Stamp): number {
  if (a.boot === b.boot) return a.mono - b.mono;
  return correctedWall(a) - correctedWall(b);
}

function flag(session: Session, name: SessionFlag): Session {
  return session.flags.includes(name) ? session : { ...session, flags: [...session.flags, name].sort() };
}

function unflag(session: Session, name: SessionFlag): Session {
  return session.flags.includes(name)
    ? { ...session, flags: session.flags.filter((other) => other !== name) }
    : session;
}

function blank(id: SessionId): Session {
  return {
    id,
    entry: null,
    provisional: false,
    entered: null,
    voided: null,
    payments: [],
    exit: null,
    left: null,
    photos: [],
    flags: ['entry_unknown'],
  };
}
