import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Firmata } from './firmata.js';

export type Light = 'green' | 'red' | 'off';
/** Free pins with a lamp each; a lane with one lamp names `green` only. */
export type LampPins = Partial<Readonly<Record<'green' | 'red', number>>>;

interface Led {
  on(): void;
  off(): void;
}

/** The parts of johnny-five 2.1 that are used here; it ships no types. */
interface JohnnyFive {
  readonly Board: {
    new (options: { io: Firmata; repl: false; sigint: false; debug: false }): EventEmitter;
    /** Every board ever made in this process: nothing in the library takes one out again. */
    readonly cache: EventEmitter[];
  };
  readonly Led: new (options: { pin: number; board: EventEmitter }) => Led;
}

/**
 * The lane's lamps, by johnny-five on the board's free pins. A convenience: nothing waits for it, and nothing that matters for safety is told here. The
 * library is loaded when a lamp is configured and the board first answers.
 */
export class Lamps {
  readonly #pins: LampPins;
  #five: JohnnyFive | null = null;
  #board: EventEmitter | null = null;
  #leds: Partial<Record<'green' | 'red', Led>> = {};
  #light: Light = 'off';

  constructor(pins: LampPins) {
    this.#pins = pins;
  }

  get configured(): boolean {
    return this.#pins.green !== undefined || this.#pins.red !== undefined;
  }

  /** Shown now, or when the board is back. */
  show(light: Light): void {
    this.#light = light;
    for (const color of ['green', 'red'] as const) {
      if (color === light) this.#leds[color]?.on();
      else this.#leds[color]?.off();
    }
  }

  /** A new connection is ready: a fresh johnny-five board for it, as reusing one is not supported there. */
  attach(io: Firmata): void {
    this.detach();
    this.#five ??= createRequire(import.meta.url)('johnny-five') as JohnnyFive;
    const { Board, Led } = this.#five;
    const board = new Board({ io, repl: false, sigint: false, debug: false });
    // Before it is ready it tells errors to listeners that nobody has, which ends a process.
    board.on('error', () => undefined);
    this.#board = board;
    board.once('ready', () => {
      if (this.#board !== board) return;
      for (const color of ['green', 'red'] as const) {
        const pin = this.#pins[color];
        if (pin !== undefined) this.#leds[color] = new Led({ pin, board });
      }
      this.show(this.#light);
    });
  }

  /** The connection is gone: its board is taken out of the library's own list too, which would keep it for ever. */
  detach(): void {
    this.#leds = {};
    const board = this.#board;
    this.#board = null;
    if (board === null || this.#five === null) return;
    const { cache } = this.#five.Board;
    const index = cache.indexOf(board);
    if (index >= 0) cache.splice(index, 1);
    board.removeAllListeners();
    board.on('error', () => undefined);
  }
}
