import type { EmulatedBoard } from './board.js';

/**
 * Longest debt of virtual time that is worked off; the rest is forgiven so that a machine that slept does not spiral. A host reckons
 * the board's uptime by its own clock, and the board refuses commands from its future: a short stall must be made up for.
 */
const MAX_DEBT_MS = 1_000;
/** While catching up, the lines are looked at as often as this much virtual time passes. */
const MAX_STEP_MS = 5;

/** The time to keep pace with, ms; the machine's own by default. */
export interface Pace {
  monotonic(): number;
  /** Calls `action` once after `delay` ms; the result calls it off. */
  after(delay: number, action: () => void): () => void;
}

const machine: Pace = {
  monotonic: () => performance.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};

export interface RealTimeOptions {
  /** Real milliseconds between two slices: 1 or more. Each slice adds up to this much latency to the serial line. Default 1. */
  readonly sliceMs?: number;
  readonly pace?: Pace;
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
  readonly #pace: Pace;
  #cancel: (() => void) | undefined;
  #lastMs = 0;

  /** Virtual milliseconds that were forgiven because the machine was too slow or asleep. Zero on a healthy machine. */
  forgivenMs = 0;

  constructor({ sliceMs = 1, pace = machine }: RealTimeOptions = {}) {
    this.#sliceMs = sliceMs;
    this.#pace = pace;
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
    if (this.#cancel !== undefined) return;
    this.#lastMs = this.#pace.monotonic();
    this.#cancel = this.#pace.after(this.#sliceMs, () => this.#slice());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #slice(): void {
    const now = this.#pace.monotonic();
    let debtMs = now - this.#lastMs;
    this.#lastMs = now;
    if (debtMs > MAX_DEBT_MS) {
      this.forgivenMs += debtMs - MAX_DEBT_MS;
      debtMs = MAX_DEBT_MS;
    }
    for (; debtMs > 0; debtMs -= MAX_STEP_MS) this.#step(Math.min(debtMs, MAX_STEP_MS));
    // Undefined when something that happened in this slice has stopped the pacer.
    if (this.#cancel !== undefined) this.#cancel = this.#pace.after(this.#sliceMs, () => this.#slice());
  }

  #step(ms: number): void {
    for (const line of this.#lines) line.take();
    for (const [board, target] of this.#boards) {
      board.runUntil(target + ms);
      this.#boards.set(board, target + ms);
    }
    for (const line of this.#lines) line.give();
  }
}
