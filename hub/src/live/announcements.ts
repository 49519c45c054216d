import type { Permission } from '@palang/contract/access/permissions';
import type { SessionView } from '@palang/contract/api/shapes';
import type { ServerMessage } from '@palang/contract/live/messages';
import { Quote } from '@palang/contract/tariff/price';
import type { Commit, LaneStatus, StoredEvent } from '../link/ports.js';
import type { PresentSessions } from '../sessions/present.js';
import { presentEvent } from './presentEvent.js';

/** A message for everybody who may see it. */
export interface Announcement {
  readonly needs: Permission;
  readonly message: ServerMessage;
}

/** What operators are told of a batch that has become durable. Capacity is told apart, once for several batches. */
export async function announcementsOf(commit: Commit, presentSessions: PresentSessions): Promise<Announcement[]> {
  const sessions = await presentSessions(commit.sessions);
  const byId = new Map(sessions.map((session) => [session.id as string, session]));
  return [
    ...commit.events.flatMap((event) => ofEvent(event, byId)),
    ...sessions.map((payload): Announcement => ({ needs: 'sessions:read', message: { type: 'session', payload } })),
  ];
}

function ofEvent(event: StoredEvent, sessions: ReadonlyMap<string, SessionView>): Announcement[] {
  const gate = event.lane;
  if (gate === null) return [];
  const result = presentEvent(event);
  const payload = { event: event.kind, gate, result };
  const type = gate === 'gate_in' ? 'gate_in_event' : gate === 'gate_out' ? 'gate_out_event' : 'gate_event';
  const announcements: Announcement[] = [{ needs: 'events:read', message: { type, payload } }];

  const session = sessions.get(event.session ?? event.id);
  if (session === undefined) return announcements;
  const happened = event.kind === 'entry_approved' ? 'entry' : event.kind === 'exit_passed' ? 'exit' : null;
  if (happened !== null) {
    const message = { type: 'parking_event', payload: { event: happened, gate, result: session } } as const;
    announcements.push({ needs: 'sessions:read', message });
  }
  const settled = event.kind === 'exit_approved' ? settledExit(event, session) : null;
  if (settled !== null) announcements.push({ needs: 'sessions:read', message: settled });
  return announcements;
}

/** What a 202 `awaiting_payment` promised: the exit is settled. */
function settledExit(event: StoredEvent, session: SessionView): ServerMessage | null {
  const quote = Quote.safeParse(event.header?.data.quote);
  const gate = event.header?.lane;
  if (!quote.success || gate == null) return null;
  const card_id = session.card_id ?? session.id;
  return {
    type: 'parking_exit_result',
    payload: { status: 'settled', gate_id: gate, session: session.id, card_id, quote: quote.data },
  };
}

/** Null for a lane that has not told its state yet. */
export function announcementOfLane({ lane, online, snapshot }: LaneStatus): Announcement | null {
  if (snapshot === null) return null;
  const payload = { gate_id: lane.gate_id, lane: snapshot, online };
  return { needs: 'status:read', message: { type: 'hardware_status', payload } };
}
