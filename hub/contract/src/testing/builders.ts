import { Epoch, GateId, Origin, type SessionId, type SubjectRef } from '../ids.js';
import { Stamp } from '../instant.js';
import type { Event, EventData, EventKind } from '../link/events.js';
import type { LaneSnapshot } from '../link/live.js';
import type { Book, FoldResult } from '../session/fold.js';
import type { Session } from '../session/session.js';

/** A stamp with certain clocks; `mono` follows `wall` unless given. */
export function stamp(overrides: Partial<Stamp> = {}): Stamp {
  const wall = overrides.wall ?? 1_000;
  return Stamp.parse({
    boot: '00000000000000aa',
    mono: Math.max(0, wall),
    quality: 'ntp',
    offset: 0,
    uncertainty: 5,
    ...overrides,
    wall,
  });
}

export interface EventOverrides<K extends EventKind> {
  readonly origin?: string;
  readonly epoch?: string;
  readonly seq?: number;
  readonly lane?: string | null;
  readonly at?: Stamp;
  readonly session?: SessionId | null;
  readonly data: EventData<K>;
}

/** An event of the given kind, complete but for what the test cares about. */
export function event<K extends EventKind>(kind: K, overrides: EventOverrides<K>): Event {
  const lane = overrides.lane === undefined ? 'gate_in' : overrides.lane;
  return {
    v: 1,
    origin: Origin.parse(overrides.origin ?? 'gw-in'),
    epoch: Epoch.parse(overrides.epoch ?? '0123456789abcdef'),
    seq: overrides.seq ?? 1,
    kind,
    lane: lane === null ? null : GateId.parse(lane),
    at: overrides.at ?? stamp(),
    session: overrides.session ?? null,
    board: null,
    replica: null,
    data: overrides.data,
  } as Event;
}

/** A Book over plain memory, every reference its own canonical one: the oracle that ledgers are compared with. */
export function memoryBook(): Book & { readonly sessions: Map<string, Session>; apply(result: FoldResult): void } {
  const sessions = new Map<string, Session>();
  return {
    sessions,
    session: (id) => sessions.get(id),
    sessionsOf: (credential: SubjectRef) =>
      [...sessions.values()].filter((session) => session.entry?.credential === credential),
    apply(result) {
      for (const session of result.sessions) sessions.set(session.id, session);
    },
  };
}

/** A lane at rest: closed, arm down, nobody there, everything connected. */
export function laneSnapshot(gate: string, overrides: Partial<LaneSnapshot> = {}): LaneSnapshot {
  return {
    gate_id: GateId.parse(gate),
    at: stamp(),
    state: 'closed',
    arm: 'down',
    inputs: {
      arming_loop: false,
      closing_loop: false,
      lower_limit: true,
      upper_limit: false,
      ticket_button: null,
      arm_in_place: true,
    },
    faults: [],
    controller: { status: 'connected', age: 10, firmware: '1.0', openings: 0 },
    camera: 'ok',
    awaiting: null,
    last: null,
    backlog: 0,
    ...overrides,
  };
}
