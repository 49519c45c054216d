import type { SessionView } from '@palang/contract/api/shapes';

export interface Sessions {
  /** When the last whole list was asked for; null when never. Fees are as of then. */
  readonly at: number | null;
  readonly byId: Readonly<Record<string, { readonly view: SessionView; readonly at: number }>>;
}

export const emptySessions: Sessions = { at: null, byId: {} };

const OPEN: ReadonlySet<SessionView['status']> = new Set(['pending', 'parked', 'leaving']);

export function isOpen(session: SessionView): boolean {
  return OPEN.has(session.status);
}

/** A session that changed. Closed ones stay until the next whole list, so that an answer that crossed it cannot bring them back. */
export function upsertSession(sessions: Sessions, view: SessionView, now: number): Sessions {
  return { ...sessions, byId: { ...sessions.byId, [view.id]: { view, at: now } } };
}

/**
 * The list of open sessions that was asked for at `askedAt`. What arrived live after that moment is newer than the list and stays.
 */
export function replaceSessions(sessions: Sessions, list: readonly SessionView[], askedAt: number): Sessions {
  const byId: Record<string, { view: SessionView; at: number }> = {};
  for (const view of list) byId[view.id] = { view, at: askedAt };
  for (const [id, known] of Object.entries(sessions.byId)) if (known.at > askedAt) byId[id] = known;
  return { at: askedAt, byId };
}

/** Open sessions, latest entry first. */
export function openSessions(sessions: Sessions): SessionView[] {
  return Object.values(sessions.byId)
    .map(({ view }) => view)
    .filter(isOpen)
    .sort((a, b) => (b.entry_time ?? 0) - (a.entry_time ?? 0) || (a.id < b.id ? -1 : 1));
}
