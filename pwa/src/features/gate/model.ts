import type { Me } from '@palang/contract/api/shapes';
import type { GateAction } from '@palang/contract/vocabulary';
import type { Link } from '../../hub/link.js';
import { ageAt, OLD_ABOVE } from '../../live/age.js';
import type { LaneRecord } from '../../live/lanes.js';

/**
 * Where an operator's act stands. `sent`: on its way. `accepted`: the gateway's board took it. `confirmed`: sensors show it done.
 * `unproven`: accepted where no sensor can show it. `refused`: nothing moved. `unknown`: nobody can say; look at the barrier.
 */
export type Stage = 'sent' | 'accepted' | 'confirmed' | 'unproven' | 'refused' | 'unknown';

export interface Attempt {
  readonly gate: string;
  readonly action: GateAction;
  readonly sentAt: number;
  readonly stage: Stage;
  /** When this stage was reached. */
  readonly since: number;
  /** Why it was refused or is unknown. */
  readonly code: string | null;
}

/** An accepted act that no sensor confirmed within this many ms is unknown. */
export const CONFIRM_WITHIN = 12_000;
/** The hub answers a command within this many ms, or its outcome is unknown. */
export const ANSWER_WITHIN = 8_000;

/** Answers after which the command may nevertheless have been carried out. */
const UNCERTAIN: ReadonlySet<string> = new Set(['unreachable', 'bad_answer', 'gateway_timeout', 'internal']);

export function begin(gate: string, action: GateAction, now: number): Attempt {
  return { gate, action, sentAt: now, stage: 'sent', since: now, code: null };
}

/** The hub's answer: null when accepted, else the error's code. */
export function answered(attempt: Attempt, code: string | null, lane: LaneRecord | undefined, now: number): Attempt {
  if (attempt.stage !== 'sent') return attempt;
  if (code !== null) return move(attempt, UNCERTAIN.has(code) ? 'unknown' : 'refused', now, code);
  return observed(move(attempt, 'accepted', now), lane, now);
}

/** Compares an accepted act with the lane as seen since it was sent; also called as time passes. */
export function observed(attempt: Attempt, lane: LaneRecord | undefined, now: number): Attempt {
  if (attempt.stage !== 'accepted') return attempt;
  const seen = lane?.seenAt ?? null;
  if (lane !== undefined && seen !== null && seen >= attempt.sentAt && isDone(attempt.action, lane)) {
    return move(attempt, 'confirmed', now);
  }
  if (lane?.view.lane.evidence === 'pulseSent' && movesArm(attempt.action)) return move(attempt, 'unproven', now);
  if (now - attempt.since > CONFIRM_WITHIN) return move(attempt, 'unknown', now, 'not_seen');
  return attempt;
}

/** True while a further command would only confuse. */
export function isUnderWay(attempt: Attempt | undefined): boolean {
  return attempt?.stage === 'sent' || attempt?.stage === 'accepted';
}

/** Why the lane cannot be commanded now, as a word of the dictionary; null when it can. */
export type Block = 'offline' | 'forbidden' | 'lane_offline' | 'board_offline' | 'old' | 'under_way';

export function blocked(
  link: Link,
  me: Me | null,
  lane: LaneRecord,
  attempt: Attempt | undefined,
  now: number,
): Block | null {
  if (link.state !== 'online') return 'offline';
  if (me === null || !me.can.includes('gate:control')) return 'forbidden';
  if (lane.view.status === 'offline') return 'lane_offline';
  if (lane.view.controller_status === 'disconnected') return 'board_offline';
  const age = ageAt(lane.heardAt, now);
  if (age === null || age > OLD_ABOVE) return 'old';
  return isUnderWay(attempt) ? 'under_way' : null;
}

/** The acts that make sense as the lane stands, the most likely first. */
export function actionsFor(lane: LaneRecord): GateAction[] {
  switch (lane.view.live?.state) {
    case 'heldOpen':
      return ['release', 'out_of_service'];
    case 'outOfService':
      return ['in_service'];
    default:
      return ['open', 'hold', 'out_of_service'];
  }
}

/** Why people open by hand: sent with the act as its reason and listed by the owner's reports. */
export const REASONS = ['reader_failed', 'payment_failed', 'lost_card', 'guest', 'emergency', 'test'] as const;
export type ReasonCode = (typeof REASONS)[number];

function isDone(action: GateAction, { view: { live } }: LaneRecord): boolean {
  if (live === null) return false;
  switch (action) {
    case 'open':
      return live.arm === 'up';
    case 'hold':
      return live.arm === 'up' && live.state === 'heldOpen';
    case 'close':
      return live.arm === 'down';
    case 'release':
      return live.state !== 'heldOpen';
    case 'out_of_service':
      return live.state === 'outOfService';
    case 'in_service':
      return live.state !== 'outOfService';
  }
}

function movesArm(action: GateAction): boolean {
  return action === 'open' || action === 'hold' || action === 'close';
}

function move(attempt: Attempt, stage: Stage, now: number, code: string | null = null): Attempt {
  return { ...attempt, stage, since: now, code };
}
