import * as z from 'zod/mini';
import { GateId } from '../ids.js';
import { Stamp } from '../instant.js';
import { Rupiah } from '../money.js';
import {
  ArmPosition,
  Direction,
  EvidenceGrade,
  FaultCode,
  LaneState,
  PaymentMethod,
  VehicleClass,
} from '../vocabulary.js';

/** What a lane is, said once at each connect. */
export const LaneDescription = z.object({
  gate_id: GateId,
  direction: Direction,
  vehicle_classes: z.array(VehicleClass).check(z.minLength(1)),
  evidence: EvidenceGrade,
  /** False where no board of ours guards the arm: shown to the operator, openly. */
  protected: z.boolean(),
  camera: z.boolean(),
  payments: z.array(PaymentMethod),
});
export type LaneDescription = z.infer<typeof LaneDescription>;

/** A lane as it stands. Lossy, the latest wins; never a fact for the books. */
export const LaneSnapshot = z.object({
  gate_id: GateId,
  at: Stamp,
  state: LaneState,
  arm: ArmPosition,
  inputs: z.object({
    arming_loop: z.nullable(z.boolean()),
    closing_loop: z.nullable(z.boolean()),
    lower_limit: z.nullable(z.boolean()),
    upper_limit: z.nullable(z.boolean()),
    ticket_button: z.nullable(z.boolean()),
    arm_in_place: z.nullable(z.boolean()),
  }),
  faults: z.array(FaultCode),
  controller: z.object({
    status: z.enum(['connected', 'disconnected']),
    /** Milliseconds since its last answer; null when it never answered. */
    age: z.nullable(z.number()),
    firmware: z.nullable(z.string()),
    openings: z.nullable(z.int()),
  }),
  camera: z.enum(['none', 'ok', 'offline']),
  awaiting: z.nullable(z.object({ session: z.string(), amount: Rupiah, method: z.nullable(PaymentMethod) })),
  last: z.nullable(
    z.object({
      card: z.nullable(z.string()),
      plate: z.nullable(z.string()),
      result: z.string(),
      at: z.int(),
    }),
  ),
  /** Records not yet acknowledged by the hub. */
  backlog: z.int(),
});
export type LaneSnapshot = z.infer<typeof LaneSnapshot>;
