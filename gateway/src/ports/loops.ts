import type { Receipt } from './receipt.js';

export type LoopName = 'arming' | 'closing';

export interface LoopLevels {
  /** True = occupied. Null = this lane has no such loop, or its device is offline. */
  readonly arming: boolean | null;
  readonly closing: boolean | null;
}

/**
 * Vehicle detection. An implementation tells each change of a loop once, in order, debounced on "clear" only, and after each connect the levels it finds
 * (as changes where they differ from the last it told). It never invents a level: offline is null.
 */
export interface Loops {
  start(changed: (loop: LoopName, occupied: boolean, receipt: Receipt | null) => void): void;
  levels(): LoopLevels;
}
