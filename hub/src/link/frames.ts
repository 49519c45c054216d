import type { Cancel, Clock } from '@palang/contract/clock';
import type { GateId } from '@palang/contract/ids';
import type { Frame } from './ports.js';

/** How long one request for frames lasts; repeated while somebody watches. */
export const WATCH_FOR = 5_000;
const RENEW_EVERY = WATCH_FOR - 1_500;

/** The newest frame of each lane, and who wants to see the next. Frames are never queued: a slow viewer misses some. */
export class Frames {
  readonly #clock: Clock;
  readonly #ask: (lane: GateId, duration: number) => void;
  readonly #latest = new Map<string, Frame>();
  readonly #viewers = new Map<string, Set<(frame: Frame) => void>>();

  /** `ask` asks a lane's gateway for frames, if it is there. */
  constructor(clock: Clock, ask: (lane: GateId, duration: number) => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  latest(lane: string): Frame | null {
    return this.#latest.get(lane) ?? null;
  }

  put(lane: GateId, jpeg: Uint8Array): void {
    const frame: Frame = { lane, jpeg, at: this.#clock.wall() };
    this.#latest.set(lane, frame);
    for (const viewer of this.#viewers.get(lane) ?? []) viewer(frame);
  }

  watch(lane: GateId, viewer: (frame: Frame) => void): Cancel {
    const viewers = this.#viewers.get(lane) ?? new Set();
    this.#viewers.set(lane, viewers.add(viewer));
    let cancel: Cancel = () => undefined;
    const renew = () => {
      this.#ask(lane, WATCH_FOR);
      cancel = this.#clock.after(RENEW_EVERY, renew);
    };
    renew();
    return () => {
      cancel();
      viewers.delete(viewer);
    };
  }
}
