import type { Cancel, Clock } from '@palang/contract/clock';
import type { LaneDescription, LaneSnapshot } from '@palang/contract/link/live';
import type { LaneState } from '../lane/state.js';
import type { LaneDependencies } from './dependencies.js';

export function describe({ profile, barrier, camera, payment }: LaneDependencies): LaneDescription {
  return {
    gate_id: profile.gate_id,
    direction: profile.direction,
    vehicle_classes: profile.vehicle_classes,
    evidence: profile.evidence,
    protected: barrier.protected,
    camera: camera !== null,
    payments: profile.payments.filter((method) => method === 'cash' || payment?.methods.includes(method) === true),
  };
}

export function snapshotOf(deps: LaneDependencies, state: LaneState): LaneSnapshot {
  const status = deps.barrier.status();
  const levels = deps.loops.levels();
  const { heardAt } = status;
  return {
    gate_id: deps.profile.gate_id,
    at: deps.stamps.now(),
    state: state.phase,
    arm: status.position ?? 'unknown',
    inputs: {
      arming_loop: levels.arming,
      closing_loop: levels.closing,
      lower_limit: status.lowerLimit,
      upper_limit: status.upperLimit,
      ticket_button: null,
      arm_in_place: status.armInPlace,
    },
    faults: state.faults,
    controller: {
      status: status.online ? 'connected' : 'disconnected',
      age: heardAt === null ? null : Math.max(0, Math.round(deps.clock.monotonic() - heardAt)),
      firmware: status.firmware,
      openings: status.openings,
    },
    camera: deps.camera === null ? 'none' : deps.camera.status(),
    awaiting:
      state.demand === null
        ? null
        : {
            session: state.demand.session.id,
            amount: state.demand.quote.amount,
            method: state.demand.presented.method,
          },
    last: state.last,
    backlog: deps.backlog(),
  };
}

/** At most ten a second, and always after the last change. */
const INTERVAL = 100;

export class ChangeNotice {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #quiet: Cancel | null = null;
  #again = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    if (this.#quiet !== null) {
      this.#again = true;
      return;
    }
    this.#quiet = this.#clock.after(INTERVAL, () => {
      this.#quiet = null;
      if (!this.#again) return;
      this.#again = false;
      this.changed();
    });
    for (const listener of this.#listeners) listener();
  }

  stop(): void {
    this.#quiet?.();
    this.#quiet = null;
    this.#again = false;
  }
}
