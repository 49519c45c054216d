const FIRST = 500;
const LONGEST = 15_000;

/**
 * How long to wait before attempt number `attempt` (1 = the first after a loss), ms. Doubles up to 15 s; half of it is chance, so that
 * all tablets of a site do not knock at a restarted hub together.
 * @param unit a random number in [0, 1)
 */
export function reconnectDelay(attempt: number, unit: number): number {
  const whole = Math.min(LONGEST, FIRST * 2 ** (attempt - 1));
  return whole / 2 + (whole / 2) * unit;
}
