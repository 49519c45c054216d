/** How much a value may be trusted by its age: plain, grey with its age, or hatched and marked as old. */
export type Freshness = 'fresh' | 'aging' | 'old';

/** Below this many ms a value is shown plainly. */
export const FRESH_BELOW = 5_000;
/** Above this many ms a value is marked as old and no longer good enough to act on. */
export const OLD_ABOVE = 30_000;

/** @param age ms, null when the value was never heard. */
export function freshness(age: number | null): Freshness {
  if (age === null || age > OLD_ABOVE) return 'old';
  return age < FRESH_BELOW ? 'fresh' : 'aging';
}

/** The age at `now` of something heard at `at`, both on the app's clock; null stays null. */
export function ageAt(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(0, now - at);
}
