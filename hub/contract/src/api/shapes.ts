import * as z from 'zod/mini';
import { Permission, Role } from '../access/permissions.js';
import { GateId, SessionId } from '../ids.js';
import { LaneDescription, LaneSnapshot } from '../link/live.js';
import { Rupiah } from '../money.js';
import { Quote } from '../tariff/price.js';
import { GateAction, PaymentMethod, RightType, VehicleClass } from '../vocabulary.js';

const Label = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));
const PlateText = z.string().check(z.minLength(1), z.maxLength(24));
const Reason = z.string().check(z.trim(), z.minLength(3), z.maxLength(500));

export const EntryRequest = z.object({
  card_id: Label,
  license_plate: z.optional(PlateText),
  gate_id: z.optional(GateId),
});
export const ExitRequest = z.object({ card_id: Label, payment_method: PaymentMethod, gate_id: z.optional(GateId) });
export const GateControlRequest = z.object({
  action: GateAction,
  /** Seconds held open at least, 0 to 600. */
  duration: z.optional(z.number().check(z.nonnegative(), z.maximum(600))),
  reason: z.optional(Reason),
});

/** A session as people and other systems see it. Times are epoch ms at the hub. */
export const SessionView = z.object({
  id: SessionId,
  card_id: z.nullable(z.string()),
  license_plate: z.nullable(z.string()),
  vehicle_type: z.nullable(VehicleClass),
  right: z.nullable(RightType),
  status: z.enum(['pending', 'parked', 'leaving', 'closed', 'voided', 'entry_unknown']),
  entry_gate: z.nullable(z.string()),
  entry_time: z.nullable(z.int()),
  exit_gate: z.nullable(z.string()),
  exit_time: z.nullable(z.int()),
  /** The fee so far for an open session, the final one for a closed session; null when it cannot be priced. */
  fee: z.nullable(Quote),
  paid: Rupiah,
  photos: z.array(z.object({ digest: z.string(), purpose: z.string() })),
  flags: z.array(z.string()),
});
export type SessionView = z.infer<typeof SessionView>;

export const EntryResult = z.object({
  status: z.literal('approved'),
  gate_id: GateId,
  session: SessionId,
  card_id: z.string(),
});
export type EntryResult = z.infer<typeof EntryResult>;

export const ExitResult = z.object({
  status: z.enum(['settled', 'awaiting_payment']),
  gate_id: GateId,
  session: SessionId,
  card_id: z.string(),
  quote: Quote,
});
export type ExitResult = z.infer<typeof ExitResult>;

export const GateControlResult = z.object({
  gate_id: GateId,
  action: GateAction,
  /** `accepted`: the board took the command. That the arm is up is seen in the lane's live state, never assumed here. */
  status: z.literal('accepted'),
  command: z.string(),
});
export type GateControlResult = z.infer<typeof GateControlResult>;

export const GateView = z.object({
  status: z.enum(['online', 'offline']),
  controller_status: z.enum(['connected', 'disconnected', 'unknown']),
  gateway: z.string(),
  /** Milliseconds since the hub last heard of this lane; null when never. */
  age: z.nullable(z.number()),
  lane: LaneDescription,
  live: z.nullable(LaneSnapshot),
});
export type GateView = z.infer<typeof GateView>;

export const SystemStatus = z.object({
  coordinator: z.object({
    status: z.enum(['online', 'draining']),
    active_sessions: z.int(),
    time: z.int(),
    site_name: z.string(),
    time_zone: z.string(),
    simulation: z.boolean(),
    version: z.string(),
    /** Items that need a person: quarantined or unreadable records. */
    attention: z.int(),
  }),
  gates: z.record(z.string(), GateView),
  active_sessions: z.record(
    z.string(),
    z.object({
      card_id: z.nullable(z.string()),
      entry_time: z.int(),
      status: z.enum(['pending', 'parked', 'leaving']),
      session: SessionId,
    }),
  ),
});
export type SystemStatus = z.infer<typeof SystemStatus>;

export const Capacity = z.object({ capacity: z.int(), occupied: z.int(), available: z.int(), over_by: z.int() });
export type Capacity = z.infer<typeof Capacity>;

export const CaptureResult = z.object({ gate_id: GateId, digest: z.string(), url: z.string(), taken_at: z.int() });
export type CaptureResult = z.infer<typeof CaptureResult>;

export const EventView = z.object({
  id: z.string(),
  /** Position in the hub's own order; pass the last one as `after` to read on. */
  cursor: z.int(),
  kind: z.string(),
  gate_id: z.nullable(z.string()),
  at: z.int(),
  received_at: z.int(),
  session: z.nullable(z.string()),
  plate: z.nullable(z.string()),
  card_id: z.nullable(z.string()),
  data: z.record(z.string(), z.unknown()),
});
export type EventView = z.infer<typeof EventView>;

export const Me = z.object({
  name: z.string(),
  kind: z.enum(['user', 'key']),
  role: z.nullable(Role),
  can: z.array(Permission),
});
export type Me = z.infer<typeof Me>;

export const AuditEntry = z.object({
  seq: z.int(),
  at: z.int(),
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  reason: z.string(),
  outcome: z.string(),
  request_id: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const SimulatedVehicle = z.object({
  card_id: z.optional(Label),
  license_plate: PlateText,
  vehicle_type: z._default(VehicleClass, 'car'),
});

const GatewayName = z.string().check(z.regex(/^[a-z][a-z0-9_-]{0,31}$/));
export const PairingCodeRequest = z.object({ gateway: GatewayName });
export const PairRequest = z.object({
  code: z.string().check(z.minLength(8), z.maxLength(64)),
  gateway: GatewayName,
  /** Ed25519 public key, SPKI DER, base64. */
  public_key: z.string().check(z.maxLength(200)),
});
export const PairResult = z.object({ gateway: z.string(), hub_public_key: z.string() });

export const Credentials = z.object({
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(64)),
  password: z.string().check(z.minLength(1), z.maxLength(256)),
});
export const Setup = z.object({
  code: z.string().check(z.maxLength(64)),
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(64)),
  password: z.string().check(z.minLength(10), z.maxLength(256)),
});
export const NewApiKey = z.object({
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(64)),
  permissions: z.array(Permission).check(z.minLength(1)),
});
/** `key` is shown once and stored nowhere. */
export const CreatedApiKey = z.object({ id: z.string(), key: z.string() });
