import type { EmulatedBoard } from './board.js';

/** Connects one opened transport to the board's serial line; opening resets the board as DTR does on an Uno. */
export function attach(board: EmulatedBoard, toHost: (byte: number) => void): { detach(): void } {
  const forget = board.uart.onByte(toHost);
  board.reset('external');
  return {
    detach() {
      forget();
      board.uart.clear();
    },
  };
}
