import type { Clock, Random } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';

export interface Chance {
  readonly clock: Clock;
  readonly random: Random;
}

const ATTEMPTS = 6;
const FIRST_PAUSE = 20;

/**
 * Runs a whole transaction again after `database_busy` or `database_lost`, pausing up to 20, 40, 80 ... ms (full jitter), six attempts in all.
 * Never a single statement: after a deadlock the engine has already thrown away the statements before it.
 */
export async function retried<Result>(chance: Chance, attempt: () => Promise<Result>): Promise<Result> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      const code = codeOf(error);
      if (count === ATTEMPTS || (code !== 'database_busy' && code !== 'database_lost')) throw error;
    }
    const pause = chance.random.unit() * FIRST_PAUSE * 2 ** (count - 1);
    await new Promise<void>((resolve) => {
      chance.clock.after(pause, resolve);
    });
  }
}

/** Rolls back and rethrows what went wrong; a rollback that fails too is told as the cause's detail, never instead of it. */
export async function undo(error: unknown, rollback: () => Promise<void> | void): Promise<never> {
  try {
    await rollback();
  } catch (second) {
    if (error instanceof Error)
      throw new CodedError(codeOf(error) ?? 'rollback_failed', error.message, { rollback: String(second) });
  }
  throw error;
}
