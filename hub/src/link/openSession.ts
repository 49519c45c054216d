import { OpenSession } from '@palang/contract/link/replica';
import { isInside, paidFor } from '@palang/contract/session/session';
import type { SessionRecord } from './ports.js';

/** A session as every gateway, and so every exit, knows it; null when its vehicle is not inside. */
export function openSession({ session, plate, credential }: SessionRecord): OpenSession | null {
  const { entry } = session;
  if (entry === null || !isInside(session)) return null;
  const row = {
    id: session.id,
    credential,
    card: entry.card,
    plate,
    vehicle_class: entry.vehicle_class,
    right: entry.right,
    entered: entry.at,
    entry_lane: entry.lane ?? '',
    paid: paidFor(session),
    revision: session.payments.length,
    provisional: session.provisional,
  };
  const parsed = OpenSession.safeParse(row);
  // A credential that is none of ours cannot be matched at an exit, but the session is open all the same.
  return parsed.success ? parsed.data : OpenSession.parse({ ...row, credential: null });
}
