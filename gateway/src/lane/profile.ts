import { GateId } from '@palang/contract/ids';
import { Direction, EvidenceGrade, PaymentMethod, VehicleClass } from '@palang/contract/vocabulary';
import * as z from 'zod';

const Milliseconds = z.int().min(0).max(3_600_000);

/** How long a lane waits for things, ms. */
export const LaneTimes = z.strictObject({
  /** From the raise command to the proof that the arm is up. Longer than the board's own motion time-out. */
  raise: Milliseconds.default(10_000),
  /** An opening that nobody used is lowered after this, unless the order named a duration. */
  unused: Milliseconds.default(20_000),
  /** Without a vehicle on either loop for this long, an approved or paying vehicle has backed out. Covers a motorcycle between the loops. */
  back_out: Milliseconds.default(2_000),
  /**
   * A gap on the closing loop that is shorter than this is the gap before a trailer, not a second vehicle. Short, for a loop is longer than a drawbar and
   * seldom sees a trailer apart, while who slips in 2.6 m behind another at 4 m/s leaves a loop of 2 m clear for 0.16 s only. Longer loops see less.
   */
  trailer_gap: Milliseconds.default(100),
  /** How long a refusal, or an unreadable card, is shown. */
  denied: Milliseconds.default(3_000),
  /** How long a vehicle may take to pay. */
  payment: Milliseconds.min(1_000).default(120_000),
  /** Between two questions to the terminal about a charge whose outcome is unknown. */
  resolve: Milliseconds.min(100).default(2_000),
  /** After a connect the device first tells again what was not acknowledged; only then is its status compared with what the lane believes. */
  reconcile: Milliseconds.default(2_000),
  /** A lowering that is not seen down is asked for again after this. Without limit switches, the arm counts as down then. */
  lower: Milliseconds.min(500).default(5_000),
  /** A device that never answered since the start is a fault after this. */
  absent: Milliseconds.default(5_000),
  /** A fault about an unexplained opening clears by itself after this, or at the next opening of ours. */
  unexplained: Milliseconds.default(600_000),
});
export type LaneTimes = z.infer<typeof LaneTimes>;

/** What one lane is: a missing sensor is a profile, not a fault. */
export const LaneProfile = z
  .strictObject({
    gate_id: GateId,
    direction: Direction,
    /** The first is assumed for a credential that names none. */
    vehicle_classes: z.array(VehicleClass).min(1).default(['car']),
    /** The strongest proof of a passage that the sensors can give. */
    evidence: z._default(EvidenceGrade, 'passageProven'),
    /** Who lowers the arm after a passage: our board's reflex, a barrier that closes itself, or the host by command. */
    closer: z.enum(['board', 'self', 'host']).default('board'),
    sensors: z
      .strictObject({
        arming_loop: z.boolean().default(true),
        closing_loop: z.boolean().default(true),
        limit_switches: z.boolean().default(true),
      })
      .prefault({}),
    /** Kinds of credential that the reader's lane accepts; a label comes from the API only. */
    credentials: z.array(z.enum(['w26', 'w34'])).default(['w26', 'w34']),
    /** What an exit takes. All but cash need a terminal at the lane. */
    payments: z.array(PaymentMethod).default([]),
    times: LaneTimes.prefault({}),
  })
  .superRefine((profile, context) => {
    if (profile.evidence === 'passageProven' && !profile.sensors.closing_loop) {
      context.addIssue({ code: 'custom', path: ['evidence'], message: 'passageProven needs a closing loop' });
    }
    if (profile.evidence === 'armProven' && !profile.sensors.limit_switches) {
      context.addIssue({ code: 'custom', path: ['evidence'], message: 'armProven needs limit switches' });
    }
  });
export type LaneProfile = z.infer<typeof LaneProfile>;

/** What a lane works with, besides its profile: devices that compose gave it. */
export interface Rules {
  readonly profile: LaneProfile;
  readonly terminal: boolean;
  readonly camera: boolean;
}
