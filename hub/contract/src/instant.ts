import * as z from 'zod/mini';
import { ClockQuality } from './vocabulary.js';

/**
 * Half of what a Date can hold (ECMA-262 21.4.1.1): a wall time and an offset within it add up to a date that every database and screen can
 * show. One event beyond it, from a gateway whose clock has gone mad, would break each list that it appears in.
 */
const FURTHEST = 4_320_000_000_000_000;

/**
 * When something happened, as its origin knew it. `mono` orders events of one boot; `wall` is what the clock said. `offset` is what the
 * origin had measured against the hub (hub minus own wall, ms; null = never), `uncertainty` its half-width in ms (null = unknown).
 */
export const Stamp = z.object({
  boot: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  mono: z.number().check(z.nonnegative()),
  wall: z.int().check(z.minimum(-FURTHEST), z.maximum(FURTHEST)),
  quality: ClockQuality,
  offset: z.nullable(z.number().check(z.minimum(-FURTHEST), z.maximum(FURTHEST))),
  uncertainty: z.nullable(z.number().check(z.nonnegative())),
});
export type Stamp = z.infer<typeof Stamp>;

/** The best estimate of the hub's wall time at the stamp, epoch ms. */
export function correctedWall(stamp: Stamp): number {
  return Math.round(stamp.wall + (stamp.offset ?? 0));
}

export interface Stay {
  /** Best estimate, ms, never negative. */
  readonly duration: number;
  /** The shortest stay consistent with both clocks, ms. Equal to `duration` when the clocks are certain. */
  readonly shortest: number;
  readonly certain: boolean;
}

/** An uncertainty at or below this is no reason to doubt a fee: network time and hub offsets stay far inside it. */
const CERTAIN_WITHIN = 2_000;

/** How long a vehicle stayed. Within one boot the monotonic clock decides, whatever the wall clock did meanwhile. */
export function stay(entry: Stamp, exit: Stamp): Stay {
  if (entry.boot === exit.boot) {
    const duration = Math.max(0, exit.mono - entry.mono);
    return { duration, shortest: duration, certain: true };
  }
  const duration = Math.max(0, correctedWall(exit) - correctedWall(entry));
  if (entry.uncertainty === null || exit.uncertainty === null) return { duration, shortest: 0, certain: false };
  const doubt = entry.uncertainty + exit.uncertainty;
  if (doubt <= CERTAIN_WITHIN) return { duration, shortest: duration, certain: true };
  return { duration, shortest: Math.max(0, duration - doubt), certain: false };
}
