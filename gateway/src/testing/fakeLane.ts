import { GateId } from '@palang/contract/ids';
import type { Order } from '@palang/contract/link/commands';
import type { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import { stamp } from '@palang/contract/testing/builders';
import type { Frame } from '../ports/camera.js';
import type { By, LaneService, OrderResult } from '../ports/lanes.js';

export function snapshot(gate: string, overrides: Partial<LaneSnapshot> = {}): LaneSnapshot {
  return {
    gate_id: GateId.parse(gate),
    at: stamp(),
    state: 'closed',
    arm: 'down',
    inputs: {
      arming_loop: false,
      closing_loop: false,
      lower_limit: true,
      upper_limit: false,
      ticket_button: null,
      arm_in_place: true,
    },
    faults: [],
    controller: { status: 'connected', age: 10, firmware: '0.1', openings: 0 },
    camera: 'ok',
    awaiting: null,
    last: null,
    backlog: 0,
    ...overrides,
  };
}

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
    this.state = snapshot(gate);
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
