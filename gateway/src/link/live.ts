import type { Cancel, Clock } from '@palang/contract/clock';
import { packFrame, type Up } from '@palang/contract/link/envelope';
import type { LaneService } from '../ports/lanes.js';

export interface LiveDependencies {
  readonly lanes: ReadonlyMap<string, LaneService>;
  readonly clock: Clock;
  send(message: Up): void;
  sendFrame(frame: Uint8Array): void;
  bufferedAmount(): number;
}

/** Above this nothing lossy is sent: the journal goes first on a thin line. */
const CROWDED = 256 * 1024;
/** A lane is told again this often although nothing changed, so that the age of its values at the hub means something, ms. */
const REPEAT = 2_000;

/** The lossy side of one connection: the newest state of each lane, and camera frames while somebody watches. */
export class Live {
  readonly #deps: LiveDependencies;
  readonly #stale = new Set<string>();
  readonly #told = new Map<string, number>();
  readonly #watched = new Map<string, { stop: () => void; timer: Cancel }>();
  readonly #unsubscribe: (() => void)[] = [];

  constructor(dependencies: LiveDependencies) {
    this.#deps = dependencies;
    for (const [name, lane] of dependencies.lanes) {
      this.#unsubscribe.push(
        lane.onChange(() => {
          this.#stale.add(name);
          this.#flush();
        }),
      );
      this.#stale.add(name);
    }
    this.#flush();
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const name of [...this.#watched.keys()]) this.#unwatch(name);
  }

  /** To be called every second: sends what a crowded line held back, and what has grown old. */
  tick(): void {
    const now = this.#deps.clock.monotonic();
    for (const name of this.#deps.lanes.keys()) {
      if (now - (this.#told.get(name) ?? 0) >= REPEAT) this.#stale.add(name);
    }
    this.#flush();
  }

  /** Sends the lane's frames for the next `duration` ms; asked again, it goes on without a gap. */
  watch(name: string, duration: number): void {
    const lane = this.#deps.lanes.get(name);
    if (lane === undefined) return;
    const known = this.#watched.get(name);
    known?.timer();
    const stop =
      known?.stop ??
      lane.watchCamera((frame) => {
        if (this.#deps.bufferedAmount() > CROWDED) return;
        this.#deps.sendFrame(packFrame(lane.description.gate_id, frame.jpeg));
      });
    const timer = this.#deps.clock.after(duration, () => this.#unwatch(name));
    this.#watched.set(name, { stop, timer });
  }

  #unwatch(name: string): void {
    const watched = this.#watched.get(name);
    this.#watched.delete(name);
    watched?.timer();
    watched?.stop();
  }

  #flush(): void {
    for (const name of this.#stale) {
      if (this.#deps.bufferedAmount() > CROWDED) return;
      this.#stale.delete(name);
      const lane = this.#deps.lanes.get(name);
      if (lane === undefined) continue;
      this.#told.set(name, this.#deps.clock.monotonic());
      this.#deps.send({ type: 'live', lane: lane.snapshot() });
    }
  }
}
