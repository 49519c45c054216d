import type { Clock } from '@palang/contract/clock';
import type { Stamp } from '@palang/contract/instant';
import type { ClockQuality } from '@palang/contract/vocabulary';
import type { Stamps } from '../ports/stamps.js';

export interface StampsDependencies {
  readonly clock: Clock;
  /** 16 hexadecimal digits that name the machine's boot: `mono` compares within one. */
  readonly boot: string;
  /** Whether the operating system keeps the wall clock by network time; asked at each `check`. */
  synchronised(): boolean;
  /** The wall clock jumped by so many ms (positive: forward). */
  stepped(by: number): void;
}

/** Quartz without discipline: 100 parts per million. */
const DRIFT = 100e-6;
/** How far a wall clock kept by network time is trusted while the hub has not been heard, ms. */
const NTP_UNCERTAINTY = 1_000;
const STEP = 2_000;

/** Between two `check`s the clocks may run apart by slewing; only a jump counts. */
export class SystemStamps implements Stamps {
  readonly boot: string;
  readonly #deps: StampsDependencies;
  /** Hub's wall time minus own monotonic time, and how well it was known when. Independent of what the own wall clock does. */
  #hub: { readonly ahead: number; readonly doubt: number; readonly at: number } | null = null;
  #ahead: number;
  #synchronised: boolean;

  constructor(dependencies: StampsDependencies) {
    this.#deps = dependencies;
    this.boot = dependencies.boot;
    this.#ahead = dependencies.clock.wall() - dependencies.clock.monotonic();
    this.#synchronised = dependencies.synchronised();
  }

  now(): Stamp {
    const { clock } = this.#deps;
    const mono = clock.monotonic();
    const wall = Math.round(clock.wall());
    const synchronised = this.#synchronised;
    if (this.#hub === null) {
      const quality: ClockQuality = synchronised ? 'ntp' : 'free';
      return { boot: this.boot, mono, wall, quality, offset: null, uncertainty: synchronised ? NTP_UNCERTAINTY : null };
    }
    const offset = this.#hub.ahead + mono - wall;
    const uncertainty = this.#doubtAt(mono);
    return { boot: this.boot, mono, wall, quality: synchronised ? 'ntp' : 'hub', offset, uncertainty };
  }

  /** The better of the old and the new measurement is kept; the old one's doubt grows with its age. */
  measured(sentAt: number, heardAt: number, hubWall: number): void {
    const doubt = Math.max(0, heardAt - sentAt) / 2;
    if (this.#hub !== null && this.#doubtAt(heardAt) < doubt) return;
    this.#hub = { ahead: hubWall - (sentAt + heardAt) / 2, doubt, at: heardAt };
  }

  /** Compares the two clocks with what they were; to be called every second or so. */
  check(): void {
    const ahead = this.#deps.clock.wall() - this.#deps.clock.monotonic();
    const by = Math.round(ahead - this.#ahead);
    this.#ahead = ahead;
    this.#synchronised = this.#deps.synchronised();
    if (Math.abs(by) > STEP) this.#deps.stepped(by);
  }

  #doubtAt(mono: number): number {
    return this.#hub === null ? Number.POSITIVE_INFINITY : this.#hub.doubt + Math.abs(mono - this.#hub.at) * DRIFT;
  }
}
