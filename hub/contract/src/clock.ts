/** Stops a timer. Calling it twice, or after the timer fired, does nothing. */
export type Cancel = () => void;

/**
 * The only source of time and timers. Adapters implement it on the machine's clocks; tests on virtual time.
 * Durations and deadlines use `monotonic`; `wall` is data for people and for other machines.
 */
export interface Clock {
  /** Milliseconds since an arbitrary point of this boot; never goes back and never jumps. */
  monotonic(): number;
  /** Milliseconds since 1970-01-01T00:00Z as the machine believes; may jump either way. */
  wall(): number;
  /** Calls `action` once after `delay` ms (0 or more) of monotonic time. */
  after(delay: number, action: () => void): Cancel;
}

/** A source of unpredictable bytes; seeded in tests so that a run can be repeated. */
export interface Random {
  /** `size` bytes as lower-case hexadecimal (2 * size characters). */
  hex(size: number): string;
  /** A number in [0, 1). For jitter only, never for secrets. */
  unit(): number;
}

/** sha256 of a text's UTF-8 bytes as 64 lower-case hexadecimal characters. */
export type Sha256 = (text: string) => string;
