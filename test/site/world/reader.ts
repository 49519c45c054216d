import type { Clock } from '@palang/contract/clock';

export interface Card {
  readonly bits: 26 | 34;
  /** The payload between the parity bits: 24 or 32 bits, unsigned. */
  readonly value: number;
}

/** Widths of a common reader: 50 us low, 1 ms from pulse to pulse, silence between frames. */
const PULSE_MS = 0.05;
const SPACING_MS = 1;
const SILENCE_MS = 100;

/**
 * The bits of a Wiegand frame, first one first: even parity over the first half of the payload, the payload with its highest bit
 * first, odd parity over the second half. `wrong` parity flips the leading bit.
 */
export function wiegandFrame({ bits, value }: Card, parity: 'right' | 'wrong' = 'right'): boolean[] {
  const length = bits - 2;
  const payload = Array.from({ length }, (_, i) => Math.floor(value / 2 ** (length - 1 - i)) % 2 === 1);
  const isOdd = (part: boolean[]) => part.filter(Boolean).length % 2 === 1;
  const even = isOdd(payload.slice(0, length / 2));
  const odd = !isOdd(payload.slice(length / 2));
  return [parity === 'wrong' ? !even : even, ...payload, odd];
}

/** A proximity reader: shows one frame after the other on its two wires. */
export class Reader {
  readonly #clock: Clock;
  readonly #wire: (bit: boolean, high: boolean) => void;
  readonly #frames: boolean[][] = [];
  #busy = false;
  #dead = false;

  /** `wire` sets the level of the wire for zeros (false) or ones (true). */
  constructor(clock: Clock, wire: (bit: boolean, high: boolean) => void) {
    this.#clock = clock;
    this.#wire = wire;
  }

  /** A dead reader swallows cards. */
  setDead(dead: boolean): void {
    this.#dead = dead;
  }

  show(frame: boolean[]): void {
    if (this.#dead) return;
    this.#frames.push(frame);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    const frame = this.#frames.shift();
    this.#busy = frame !== undefined;
    if (frame === undefined) return;
    for (const [index, bit] of frame.entries()) {
      this.#clock.after(index * SPACING_MS, () => this.#wire(bit, false));
      this.#clock.after(index * SPACING_MS + PULSE_MS, () => this.#wire(bit, true));
    }
    this.#clock.after(frame.length * SPACING_MS + SILENCE_MS, () => this.#next());
  }
}
