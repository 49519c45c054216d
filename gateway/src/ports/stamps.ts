import type { Stamp } from '@palang/contract/instant';

/** Stamps what happens now, and keeps the estimate of the hub's time. */
export interface Stamps {
  readonly boot: string;
  now(): Stamp;
  /** The hub's wall time was `hubWall` somewhere between `sentAt` and `heardAt` (Clock.monotonic()). */
  measured(sentAt: number, heardAt: number, hubWall: number): void;
}
