import type { EmulatedBoard } from './board.js';

/** Longest debt of virtual time that is worked off; the rest is forgiven so that a stalled machine does not spiral. */
const MAX_DEBT_MS = 50;

export interface RealTimeOptions {
  /** Real milliseconds between two slices: 1 or more. Each slice adds up to this much latency to the serial line. Default 1. */
  readonly sliceMs?: number;
}

/** A line that has to be looked at: `take` before the boards run, `give` when they have. */
export interface PolledLine {
  take(): void;
  give(): void;
}

/** Runs boards at the speed of the wall: small slices, bounded catching up, all boards in one timer. */
export class RealTimePacer {
  readonly #boards = new Map<EmulatedBoard, number>();
  readonly #lines = new Set<PolledLine>();
  readonly #sliceMs: number;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;
  #carriedMs = 0;

  /** Virtual milliseconds that were forgiven because the machine was too slow or asleep. Zero on a healthy machine. */
  forgivenMs = 0;

  constructor({ sliceMs = 1 }: RealTimeOptions = {}) {
    this.#sliceMs = sliceMs;
  }

  /** The board's virtual time goes on from where it stands now. */
  add(board: EmulatedBoard): void {
    this.#boards.set(board, board.nowMs);
  }

  /** Looks at the line in each slice. */
  poll(line: PolledLine): void {
    this.#lines.add(line);
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#lastMs = performance.now();
    this.#timer = setTimeout(() => this.#slice(), this.#sliceMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #slice(): void {
    const now = performance.now();
    this.#carriedMs += now - this.#lastMs;
    this.#lastMs = now;
    if (this.#carriedMs > MAX_DEBT_MS) {
      this.forgivenMs += this.#carriedMs - MAX_DEBT_MS;
      this.#carriedMs = MAX_DEBT_MS;
    }
    for (const line of this.#lines) line.take();
    for (const [board, target] of this.#boards) {
      board.runUntil(target + this.#carriedMs);
      this.#boards.set(board, target + this.#carriedMs);
    }
    for (const line of this.#lines) line.give();
    this.#carriedMs = 0;
    this.#timer = setTimeout(() => this.#slice(), this.#sliceMs);
  }
}
