import type { Cancel, Clock } from '@palang/contract/clock';
import type { EmulatedBoard } from '@palang/emulator/board';

/** The board's virtual time as a Clock, so that what surrounds the board happens between its instructions, to the microsecond. */
export class BoardClock implements Clock {
  readonly #board: EmulatedBoard;
  readonly #wall: () => number;

  /** `wall` gives epoch milliseconds, for pictures and receipts only. */
  constructor(board: EmulatedBoard, wall: () => number) {
    this.#board = board;
    this.#wall = wall;
  }

  monotonic(): number {
    return this.#board.nowMs;
  }

  wall(): number {
    return this.#wall();
  }

  after(delay: number, action: () => void): Cancel {
    return this.#board.schedule(this.#board.nowMs + Math.max(0, delay), action);
  }
}
