import type { Clock } from '@palang/contract/clock';
import type { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import type { Directory, LaneStatus } from './ports.js';

interface Entry {
  readonly gateway: string;
  readonly lane: LaneDescription;
  /** Monotonic ms; null when nothing was heard since the hub started. */
  heardAt: number | null;
  snapshot: LaneSnapshot | null;
}

/** The lanes as the gateways describe them. The link server writes, everybody else reads through `Directory`. */
export class LaneDirectory implements Directory {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #online = new Set<string>();
  readonly #listeners = new Set<(lane: LaneStatus) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  lanes(): LaneStatus[] {
    return [...this.#entries.values()].map((entry) => this.#status(entry));
  }

  lane(id: string): LaneStatus | null {
    const entry = this.#entries.get(id);
    return entry === undefined ? null : this.#status(entry);
  }

  onChange(listener: (lane: LaneStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Takes a gateway's own description of its lanes. Returns those that it may not have: they belong to another gateway that is present. */
  describe(gateway: string, lanes: readonly LaneDescription[]): string[] {
    const claimed = new Set<string>(lanes.map((lane) => lane.gate_id));
    for (const [id, entry] of this.#entries)
      if (entry.gateway === gateway && !claimed.has(id)) this.#entries.delete(id);
    const refused: string[] = [];
    for (const lane of lanes) {
      const before = this.#entries.get(lane.gate_id);
      if (before !== undefined && before.gateway !== gateway && this.#online.has(before.gateway)) {
        refused.push(lane.gate_id);
        continue;
      }
      const snapshot = before?.gateway === gateway ? before.snapshot : null;
      this.#entries.set(lane.gate_id, { gateway, lane, heardAt: before?.heardAt ?? null, snapshot });
    }
    return refused;
  }

  setOnline(gateway: string, online: boolean): void {
    if (online) this.#online.add(gateway);
    else this.#online.delete(gateway);
    for (const entry of this.#entries.values()) if (entry.gateway === gateway) this.#changed(entry);
  }

  /** False for a lane that is not this gateway's. */
  heard(gateway: string, snapshot: LaneSnapshot): boolean {
    const entry = this.#entries.get(snapshot.gate_id);
    if (entry?.gateway !== gateway) return false;
    entry.heardAt = this.#clock.monotonic();
    entry.snapshot = snapshot;
    this.#changed(entry);
    return true;
  }

  #changed(entry: Entry): void {
    const status = this.#status(entry);
    for (const listener of this.#listeners) listener(status);
  }

  #status({ gateway, lane, heardAt, snapshot }: Entry): LaneStatus {
    const age = heardAt === null ? null : this.#clock.monotonic() - heardAt;
    return { gateway, lane, online: this.#online.has(gateway), age, snapshot };
  }
}
