import type { LaneSnapshot } from '@palang/contract/link/live';
import type { FaultCode, LaneState } from '@palang/contract/vocabulary';
import type { Words } from '../../i18n/words.js';
import type { LaneRecord } from '../../live/lanes.js';

/** The word over a lane. A lane whose gateway is away has no state that anyone could vouch for. */
export type Headline = LaneState | 'offline' | 'unknown';

export function headline({ view }: LaneRecord): Headline {
  if (view.status === 'offline') return 'offline';
  return view.live?.state ?? 'unknown';
}

/** Headlines that want an operator's eye. */
const ABNORMAL: ReadonlySet<Headline> = new Set(['denied', 'heldOpen', 'outOfService', 'offline', 'unknown']);

export function isAbnormal(word: Headline): boolean {
  return ABNORMAL.has(word);
}

/** What a lane last did, in words: an outcome, a refusal, an operator's act, or the end of a payment. */
export function resultWord(result: string, words: Words): string {
  for (const list of ['result', 'action', 'outcome']) {
    const word = words.word(list, result);
    if (word !== null) return word;
  }
  return result;
}

/** Faults that stop the lane or leave vehicles unguarded come first and are marked as such. */
const CRITICAL: ReadonlySet<FaultCode> = new Set([
  'board_offline',
  'limits_conflict',
  'arm_broken',
  'raise_timeout',
  'lower_timeout',
  'journal_failed',
  'unexplained_opening',
  'payment_unresolved',
]);

export interface ShownFault {
  readonly code: FaultCode;
  readonly critical: boolean;
}

export function faultsOf({ view }: LaneRecord): ShownFault[] {
  const faults = (view.live?.faults ?? []).map((code) => ({ code, critical: CRITICAL.has(code) }));
  return faults.sort((a, b) => Number(b.critical) - Number(a.critical));
}

export const SENSORS = ['arming_loop', 'closing_loop', 'lower_limit', 'upper_limit', 'arm_in_place'] as const;
export type SensorName = (typeof SENSORS)[number];
export type SensorLight = 'on' | 'off' | 'absent' | 'broken';

/** An arm that is not in its holder is the one input whose absence is a fault. */
export function light(inputs: LaneSnapshot['inputs'], name: SensorName): SensorLight {
  const value = inputs[name];
  if (value === null) return 'absent';
  if (name === 'arm_in_place' && !value) return 'broken';
  return value ? 'on' : 'off';
}

/** When the board last spoke, on the app's clock: its sensors are older than the lane's own state by the time it was silent. */
export function boardHeardAt({ view, heardAt }: LaneRecord): number | null {
  const silence = view.live?.controller.age ?? null;
  return heardAt === null || silence === null ? null : heardAt - silence;
}
