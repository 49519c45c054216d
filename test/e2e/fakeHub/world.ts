import { permissionsOf } from '@palang/contract/access/permissions';
import type { Capacity, EventView, GateView, Me, SessionView, SystemStatus } from '@palang/contract/api/shapes';
import { GateId, SessionId } from '@palang/contract/ids';
import type { LaneSnapshot } from '@palang/contract/link/live';
import { rupiah } from '@palang/contract/money';
import type { Quote } from '@palang/contract/tariff/price';
import { laneSnapshot, stamp } from '@palang/contract/testing/builders';

/** A site as a scripted hub tells it: whole contract shapes, changed by tests between messages. */
export interface World {
  readonly status: { site_name: string; simulation: boolean; attention: number };
  readonly gates: Record<string, GateView>;
  sessions: SessionView[];
  events: EventView[];
  capacity: Capacity;
  me: Me;
}

export const OPERATOR: Me = { name: 'sari', kind: 'user', role: 'operator', can: [...permissionsOf.operator] };

let mono = 1_000;

/** A live state newer than every one made before. */
export function live(gate: string, overrides: Partial<LaneSnapshot> = {}): LaneSnapshot {
  mono += 10;
  return laneSnapshot(gate, { at: stamp({ mono, wall: Date.now() }), ...overrides });
}

export function gate(name: string, direction: 'in' | 'out', overrides: Partial<GateView> = {}): GateView {
  return {
    status: 'online',
    controller_status: 'connected',
    gateway: direction === 'in' ? 'gw-in' : 'gw-out',
    age: 120,
    lane: {
      gate_id: GateId.parse(name),
      direction,
      vehicle_classes: ['car'],
      evidence: 'passageProven',
      protected: true,
      camera: true,
      payments: direction === 'out' ? ['emoney', 'cash'] : [],
    },
    live: live(name),
    ...overrides,
  };
}

const MINUTE = 60_000;
const PARKED: readonly [plate: string, minutes: number, card: string][] = [
  ['B1829KZT', 4, 'CARD_027'],
  ['D1147AFC', 17, 'CARD_019'],
  ['B2640PJH', 38, 'CARD_004'],
  ['AB4312XY', 71, 'MEMBER_12'],
  ['F1903LM', 96, 'CARD_031'],
  ['B1RI', 133, 'VIP_001'],
  ['N5521GTR', 187, 'CARD_042'],
  ['DK1770ABE', 262, 'CARD_015'],
  ['B9043UKL', 344, 'CARD_008'],
  ['L1288SND', 1_480, 'CARD_002'],
];

/** A site in the middle of an ordinary morning. */
export function ordinaryWorld(now = Date.now()): World {
  const sessions = PARKED.map(([plate, minutes, card], index) =>
    parked(index + 1, plate, card, now - minutes * MINUTE, minutes),
  );
  return {
    status: { site_name: 'Parkir Pasar Baru', simulation: true, attention: 0 },
    gates: {
      gate_in: gate('gate_in', 'in', {
        live: live('gate_in', {
          last: { card: 'CARD_027', plate: 'B1829KZT', result: 'approved', at: now - 4 * MINUTE },
        }),
      }),
      gate_out: gate('gate_out', 'out', {
        live: live('gate_out', {
          last: { card: 'CARD_033', plate: 'B1456TUV', result: 'approved', at: now - 9 * MINUTE },
        }),
      }),
    },
    sessions,
    events: history(sessions, now),
    capacity: { capacity: 120, occupied: 10, available: 110, over_by: 0 },
    me: OPERATOR,
  };
}

export function parked(seq: number, plate: string, card: string, entered: number, minutes: number): SessionView {
  const member = card.startsWith('MEMBER');
  return {
    id: SessionId.parse(`gw-in:0123456789abcdef:${seq}`),
    card_id: card,
    license_plate: plate,
    vehicle_type: 'car',
    right: member ? 'member' : 'casual',
    status: 'parked',
    entry_gate: 'gate_in',
    entry_time: entered,
    exit_gate: null,
    exit_time: null,
    fee: quote(minutes, member),
    paid: rupiah(0),
    photos: [{ digest: photoOf(plate), purpose: 'entry' }],
    flags: seq === 5 ? ['double_entry'] : [],
  };
}

/** A photo's name in this fake: not a digest of anything, but it looks like one and its server knows the plate in it. */
export function photoOf(plate: string): string {
  return Buffer.from(plate).toString('hex').padEnd(64, '0');
}

export function plateIn(digest: string): string {
  return Buffer.from(digest, 'hex').toString().replaceAll('\0', '');
}

/** Rp 5.000 for the first hour and Rp 3.000 for each further one begun, at most Rp 40.000. */
function quote(minutes: number, covered: boolean): Quote {
  const hours = Math.max(0, Math.ceil((minutes - 60) / 60));
  const lines: Quote['lines'] = [line('first_block', 1, 5_000)];
  if (hours > 0) lines.push(line('increments', hours, 3_000));
  const gross = 5_000 + hours * 3_000;
  if (gross > 40_000) lines.push(line('cap', 1, 40_000 - gross));
  if (covered) lines.push(line('right', 1, -Math.min(gross, 40_000)));
  const amount = rupiah(lines.reduce((sum, { amount: one }) => sum + one, 0));
  return { tariff: 'demo-2026-1', vehicle_class: 'car', minutes, lines, amount, flags: [] };
}

function line(kind: Quote['lines'][number]['kind'], count: number, unit: number): Quote['lines'][number] {
  return { kind, day: 1, count, unit: rupiah(unit), amount: rupiah(count * unit) };
}

function history(sessions: readonly SessionView[], now: number): EventView[] {
  const told: Omit<EventView, 'id' | 'cursor' | 'received_at'>[] = sessions.flatMap(
    ({ entry_time, license_plate, card_id, id }) => {
      const at = entry_time ?? now;
      const same = { gate_id: 'gate_in', session: id, plate: license_plate, card_id, at };
      return [
        { ...same, kind: 'entry_approved', data: {} },
        { ...same, kind: 'entry_passed', data: { evidence: 'passageProven' } },
      ];
    },
  );
  const out = { gate_id: 'gate_out', session: null, plate: 'B1456TUV', card_id: 'CARD_033' };
  told.push(
    { ...out, kind: 'exit_quoted', at: now - 10 * MINUTE, data: { quote: { amount: 8_000 } } },
    { ...out, kind: 'payment_settled', at: now - 9.6 * MINUTE, data: { amount: 8_000, method: 'emoney' } },
    { ...out, kind: 'exit_passed', at: now - 9.4 * MINUTE, data: {} },
    {
      ...out,
      kind: 'entry_denied',
      gate_id: 'gate_in',
      plate: null,
      card_id: 'CARD_077',
      at: now - 26 * MINUTE,
      data: { reason: 'card_expired' },
    },
    {
      ...out,
      kind: 'operator_command',
      plate: null,
      card_id: null,
      at: now - 52 * MINUTE,
      data: { actor: 'budi', action: 'open', reason: 'reader_failed' },
    },
    {
      ...out,
      kind: 'fault_raised',
      plate: null,
      card_id: null,
      at: now - 80 * MINUTE,
      data: { fault: 'camera_offline' },
    },
    {
      ...out,
      kind: 'fault_cleared',
      plate: null,
      card_id: null,
      at: now - 78 * MINUTE,
      data: { fault: 'camera_offline' },
    },
  );
  return told
    .sort((a, b) => a.at - b.at)
    .map((event, index) => ({
      ...event,
      id: `gw:0123456789abcdef:${index + 1}`,
      cursor: index + 1,
      received_at: event.at,
    }));
}

/** The status as the hub would answer it now. */
export function statusOf(world: World): SystemStatus {
  const active = world.sessions.filter(({ card_id }) => card_id !== null);
  return {
    coordinator: {
      status: 'online',
      active_sessions: active.length,
      time: Date.now(),
      time_zone: 'Asia/Jakarta',
      version: '0.1.0',
      ...world.status,
    },
    gates: world.gates,
    active_sessions: {},
  };
}
