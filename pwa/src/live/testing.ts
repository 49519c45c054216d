import type { EventView, GateView, SessionView, SystemStatus } from '@palang/contract/api/shapes';
import { type GateId, GateId as GateIdSchema, SessionId } from '@palang/contract/ids';
import type { LaneSnapshot } from '@palang/contract/link/live';
import { rupiah } from '@palang/contract/money';
import { laneSnapshot, stamp } from '@palang/contract/testing/builders';
import type { LaneRecord } from './lanes.js';

/** Complete contract shapes for tests; only what a test cares about is named there. */

export const GATE: GateId = GateIdSchema.parse('gate_in');

export function snapshot(overrides: Partial<LaneSnapshot> = {}, mono = 1_000): LaneSnapshot {
  return laneSnapshot(GATE, { at: stamp({ mono, wall: mono }), ...overrides });
}

export function gateView(overrides: Partial<GateView> = {}): GateView {
  return {
    status: 'online',
    controller_status: 'connected',
    gateway: 'gw-in',
    age: 0,
    lane: {
      gate_id: GATE,
      direction: 'in',
      vehicle_classes: ['car'],
      evidence: 'passageProven',
      protected: true,
      camera: true,
      payments: [],
    },
    live: snapshot(),
    ...overrides,
  };
}

export function laneRecord(overrides: Partial<LaneRecord> = {}): LaneRecord {
  return { view: gateView(), heardAt: 0, seenAt: 0, retired: [], ...overrides };
}

export function systemStatus(gates: SystemStatus['gates'], time = 0): SystemStatus {
  return {
    coordinator: {
      status: 'online',
      active_sessions: 0,
      time,
      site_name: 'Parkir Uji',
      time_zone: 'Asia/Jakarta',
      simulation: true,
      version: '0.1.0',
      attention: 0,
    },
    gates,
    active_sessions: {},
  };
}

export function sessionView(seq: number, overrides: Partial<SessionView> = {}): SessionView {
  return {
    id: SessionId.parse(`gw-in:0123456789abcdef:${seq}`),
    card_id: `CARD_${String(seq).padStart(3, '0')}`,
    license_plate: 'B1234XYZ',
    vehicle_type: 'car',
    right: 'casual',
    status: 'parked',
    entry_gate: 'gate_in',
    entry_time: seq * 60_000,
    exit_gate: null,
    exit_time: null,
    fee: null,
    paid: rupiah(0),
    photos: [],
    flags: [],
    ...overrides,
  };
}

export function eventView(cursor: number, overrides: Partial<EventView> = {}): EventView {
  return {
    id: `gw-in:0123456789abcdef:${cursor}`,
    cursor,
    kind: 'entry_passed',
    gate_id: 'gate_in',
    at: cursor * 1_000,
    received_at: cursor * 1_000,
    session: null,
    plate: null,
    card_id: null,
    data: {},
    ...overrides,
  };
}
