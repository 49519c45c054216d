import { GateId } from '@palang/contract/ids';
import type { Order } from '@palang/contract/link/commands';
import type { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import { laneSnapshot } from '@palang/contract/testing/builders';
import type { Frame } from '../ports/camera.js';
import type { By, LaneService, OrderResult } from '../ports/lanes.js';

/** A lane that does what the test says and remembers what it was asked. */
export class FakeLane implements LaneService {
  readonly description: LaneDescription;
  readonly orders: { order: Order; by: By }[] = [];
  answer: OrderResult = { ok: true, outcome: 'accepted', detail: {} };
  state: LaneSnapshot;
  readonly watchers = new Set<(frame: Frame) => void>();
  readonly #listeners = new Set<() => void>();

  constructor(gate: string, direction: LaneDescription['direction']) {
    this.description = {
      gate_id: GateId.parse(gate),
      direction,
      vehicle_classes: ['car'],
      evidence: 'passageProven',
      protected: true,
      camera: true,
      payments: [],
    };
    this.state = laneSnapshot(gate);
  }

  snapshot(): LaneSnapshot {
    return this.state;
  }

  change(overrides: Partial<LaneSnapshot>): void {
    this.state = { ...this.state, ...overrides };
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async execute(order: Order, by: By): Promise<OrderResult> {
    this.orders.push({ order, by });
    return this.answer;
  }

  watchCamera(onFrame: (frame: Frame) => void): () => void {
    this.watchers.add(onFrame);
    return () => this.watchers.delete(onFrame);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
