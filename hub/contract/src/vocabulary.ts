import * as z from 'zod/mini';

/** The closed lists of words that cross a boundary. A word outside its list is a typed error, never silence. */

export const Direction = z.enum(['in', 'out', 'reversible']);
export type Direction = z.infer<typeof Direction>;

/** APDS vehicle codes used here. */
export const VehicleClass = z.enum(['car', 'motorcycle', 'truck', 'bus']);
export type VehicleClass = z.infer<typeof VehicleClass>;

export const LaneState = z.enum([
  'closed',
  'vehiclePresent',
  'identifying',
  'deciding',
  'awaitingPayment',
  'opening',
  'open',
  'passing',
  'closing',
  'denied',
  'heldOpen',
  'outOfService',
]);
export type LaneState = z.infer<typeof LaneState>;

export const ArmPosition = z.enum(['down', 'raising', 'up', 'lowering', 'stopped', 'unknown']);
export type ArmPosition = z.infer<typeof ArmPosition>;

/** How far an opening is proven: the pulse was sent, the arm was seen up, the passage was seen. */
export const EvidenceGrade = z.enum(['pulseSent', 'armProven', 'passageProven']);
export type EvidenceGrade = z.infer<typeof EvidenceGrade>;

/** Casual pays per stay; a member's right covers the stay while valid; free is a right with a reason. */
export const RightType = z.enum(['casual', 'member', 'free']);
export type RightType = z.infer<typeof RightType>;

export const PaymentMethod = z.enum(['cash', 'card', 'emoney', 'qris']);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/** Why `decide()` refuses. Each is also an error code of the entry and exit API. */
export const DenyReason = z.enum([
  'unknown_credential',
  'card_blocked',
  'card_not_yet_valid',
  'card_expired',
  'already_inside',
  'site_full',
  'class_not_allowed',
  'no_open_session',
  'no_tariff',
  'fee_above_ceiling',
  'wrong_direction',
]);
export type DenyReason = z.infer<typeof DenyReason>;

/** Faults are raised and cleared; the active set of a lane is part of its live state. */
export const FaultCode = z.enum([
  'board_offline',
  'board_firmware_mismatch',
  'limits_conflict',
  'arm_broken',
  'raise_timeout',
  'lower_timeout',
  'open_too_long',
  'closing_loop_stuck',
  'closing_loop_chatters',
  'opening_counter_unreadable',
  'board_events_lost',
  'camera_offline',
  'terminal_offline',
  'payment_unresolved',
  'journal_slow',
  'journal_failed',
  'unexplained_opening',
  'clock_uncertain',
]);
export type FaultCode = z.infer<typeof FaultCode>;

/** What an operator may ask of a lane. `open` is for one passage; the others change its standing. */
export const GateAction = z.enum(['open', 'close', 'hold', 'release', 'out_of_service', 'in_service']);
export type GateAction = z.infer<typeof GateAction>;

export const ClockQuality = z.enum(['ntp', 'hub', 'free']);
export type ClockQuality = z.infer<typeof ClockQuality>;
