import type { ArmPosition, FaultCode } from '@palang/contract/vocabulary';

/** The lane controller's numbers in the words of this system (arduino/PROTOCOL.md). */

export const EVENT_TYPE = {
  input: 1,
  card: 2,
  cardError: 3,
  button: 4,
  state: 5,
  fault: 6,
  opening: 7,
  passage: 8,
} as const;

export const INPUT = {
  arming: 1 << 0,
  closing: 1 << 1,
  lowerLimit: 1 << 2,
  upperLimit: 1 << 3,
  armInPlace: 1 << 5,
} as const;
export const FLAG_HOLD = 1 << 1;
/** Neither a command nor a reflex of the board explains it. */
export const CAUSE_UNEXPLAINED = 0;

const POSITIONS: readonly ArmPosition[] = ['down', 'raising', 'up', 'lowering', 'stopped', 'unknown'];

export function positionOf(state: number): ArmPosition {
  return POSITIONS[state] ?? 'unknown';
}

/** In the order of the bits. */
const FAULTS: readonly FaultCode[] = [
  'limits_conflict',
  'arm_broken',
  'raise_timeout',
  'lower_timeout',
  'open_too_long',
  'closing_loop_stuck',
  'closing_loop_chatters',
  'opening_counter_unreadable',
];

/** The faults whose bit is set in `bits`. */
export function faultsOf(bits: number): FaultCode[] {
  return FAULTS.filter((_, bit) => (bits >> bit) & 1);
}
