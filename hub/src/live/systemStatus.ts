import type { Capacity, GateView, SystemStatus } from '@palang/contract/api/shapes';
import type { Clock } from '@palang/contract/clock';
import { correctedWall } from '@palang/contract/instant';
import { stateOf } from '@palang/contract/session/session';
import type { Directory, LaneStatus, Ledger, Reference, SessionRecord } from '../link/ports.js';
import { labelOf } from '../sessions/present.js';

/** More sessions than this are counted but not listed; `/api/sessions` has them. */
const LISTED = 1_000;

export interface StatusOptions {
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly reference: Reference;
  readonly clock: Clock;
  readonly simulation: boolean;
  readonly version: string;
  readonly draining: () => boolean;
}

export type ReadStatus = () => Promise<SystemStatus>;

/** The hub, every lane and the active sessions at this moment. */
export function createStatus(options: StatusOptions): ReadStatus {
  const { directory, ledger, reference, clock } = options;
  return async () => {
    const [sessions, occupancy, settings, attention] = await Promise.all([
      ledger.sessions({ inside: true, limit: LISTED }),
      ledger.occupancy(),
      reference.settings(),
      ledger.attentionCount(),
    ]);
    return {
      coordinator: {
        status: options.draining() ? 'draining' : 'online',
        active_sessions: occupancy.occupied,
        time: Math.round(clock.wall()),
        site_name: settings.site_name,
        time_zone: settings.time_zone,
        simulation: options.simulation,
        version: options.version,
        attention,
      },
      gates: Object.fromEntries(directory.lanes().map((lane) => [lane.lane.gate_id, presentLane(lane)])),
      active_sessions: activeSessions(sessions),
    };
  };
}

export async function readCapacity(ledger: Ledger): Promise<Capacity> {
  const { capacity, occupied, available, over_by } = await ledger.occupancy();
  return { capacity, occupied, available, over_by };
}

function presentLane({ gateway, lane, online, age, snapshot }: LaneStatus): GateView {
  return {
    status: online ? 'online' : 'offline',
    // What an absent gateway last said about its board is no news of the board.
    controller_status: online ? (snapshot?.controller.status ?? 'unknown') : 'unknown',
    gateway,
    age,
    lane,
    live: snapshot,
  };
}

/** By card label as integrators expect it; by session where there is no card, the card has a second session inside, or its label cannot be a key (`__proto__`). */
function activeSessions(records: readonly SessionRecord[]): SystemStatus['active_sessions'] {
  const result: SystemStatus['active_sessions'] = {};
  for (const { session, credential } of records) {
    const status = stateOf(session);
    if (session.entry === null || (status !== 'pending' && status !== 'parked' && status !== 'leaving')) continue;
    const card = labelOf(session, credential);
    const key = card === null || card in result ? session.id : card;
    result[key] = { card_id: card, entry_time: correctedWall(session.entry.at), status, session: session.id };
  }
  return result;
}
