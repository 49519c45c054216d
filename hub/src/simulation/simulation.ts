import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import type { Card } from '@palang/contract/link/replica';
import { formatPlate, normalisePlate } from '@palang/contract/plate';
import type { VehicleClass } from '@palang/contract/vocabulary';
import type { Directory, LaneStatus, Reference, Replica } from '../link/ports.js';
import type { Log } from '../log.js';
import { cardFor, readable } from './cards.js';
import type { SiteControl } from './siteControl.js';

const REPLICA_WITHIN = 3_000;
const ARRIVES_WITHIN = 5_000;

export interface SimulatedVehicle {
  /** Normalised; null when nobody said. */
  readonly plate: string | null;
  readonly vehicleClass: VehicleClass;
}

export interface Visit {
  readonly gate: GateId;
  readonly label: string | null;
  readonly plate: string;
  readonly vehicleClass: VehicleClass;
}

/** What exists only under SIMULATION_MODE. */
export interface Simulation {
  /** The card of a label, made when unknown, once the lane's gateway knows it. */
  card(label: string, vehicle: SimulatedVehicle, gate: GateId): Promise<Card>;
  /** Sends a vehicle that shows its card by itself. Returns its id. */
  visit(visit: Visit): Promise<string>;
  /**
   * Runs `work` with a vehicle (without a card) at the lane: the one that waits there, or one that is brought. A lane that is busy
   * or away gets none: it says so itself. A vehicle that was brought and not served backs out again.
   * @throws CodedError `no_vehicle` when it does not arrive, and what `work` throws.
   */
  withVehicle<Result>(visit: Omit<Visit, 'label'>, work: () => Promise<Result>): Promise<Result>;
}

export interface SimulationOptions {
  readonly site: SiteControl;
  readonly reference: Reference;
  readonly replica: Replica;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
}

/** A vehicle that several requests may have been waiting for. */
interface Brought {
  readonly arrived: Promise<string>;
  sharers: number;
  served: boolean;
}

export function createSimulation(options: SimulationOptions): Simulation {
  const { site, reference, replica, directory, clock, log } = options;
  /** Vehicles on their way: requests for the same lane at the same time share one. */
  const coming = new Map<GateId, Brought>();

  async function card(label: string, vehicle: SimulatedVehicle, gate: GateId): Promise<Card> {
    const lane = directory.lane(gate);
    if (lane === null) throw new CodedError('unknown_gate', `There is no lane ${gate}`, { gate });
    if (!lane.online) throw new CodedError('gateway_offline', `The gateway of ${gate} is not connected`, { gate });
    const found = await cardFor(label, vehicle, reference);
    await replica.whenAcknowledged(replica.version(), [lane.gateway], REPLICA_WITHIN);
    return found;
  }

  async function bring({ gate, plate, vehicleClass }: Omit<Visit, 'label'>): Promise<string> {
    const arrival = nextArrival(gate, directory, clock);
    // Marked as handled: when the site refuses, nobody is left to wait for the arrival.
    arrival.done.catch(() => {});
    try {
      const vehicle = await site.send({ lane: gate, plate: shown(plate), vehicleClass, card: null });
      await arrival.done;
      return vehicle;
    } finally {
      arrival.cancel();
      coming.delete(gate);
    }
  }

  function share(visit: Omit<Visit, 'label'>): Brought {
    const existing = coming.get(visit.gate);
    if (existing !== undefined) return existing;
    const brought = { arrived: bring(visit), sharers: 0, served: false };
    coming.set(visit.gate, brought);
    return brought;
  }

  async function sendAway(vehicle: string): Promise<void> {
    try {
      await site.sendAway(vehicle);
    } catch (error) {
      log.warn('a simulated vehicle could not be sent away', { vehicle, error });
    }
  }

  return {
    card,

    async visit({ gate, label, plate, vehicleClass }) {
      const vehicle = { plate: normalisePlate(plate), vehicleClass };
      const shows = label === null ? null : readable((await card(label, vehicle, gate)).credential);
      return site.send({ lane: gate, plate: shown(plate), vehicleClass, card: shows });
    },

    async withVehicle(visit, work) {
      if (!isFree(directory.lane(visit.gate))) return work();
      const brought = share(visit);
      brought.sharers += 1;
      let vehicle: string | null = null;
      try {
        vehicle = await brought.arrived;
        const result = await work();
        brought.served = true;
        return result;
      } finally {
        brought.sharers -= 1;
        if (vehicle !== null && brought.sharers === 0 && !brought.served) await sendAway(vehicle);
      }
    },
  };
}

function shown(plate: string): string {
  return formatPlate(normalisePlate(plate) ?? 'B1').slice(0, 16);
}

/** Nobody is at the lane, and it would serve who comes. */
function isFree(lane: LaneStatus | null): boolean {
  const state = lane?.online === true && lane.snapshot?.controller.status === 'connected' ? lane.snapshot.state : null;
  return state === 'closed' || state === 'closing';
}

/** The next vehicle that the lane sees waiting. `done` rejects with CodedError `no_vehicle` when none comes in time. */
function nextArrival(gate: GateId, directory: Directory, clock: Clock): { done: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const done = new Promise<void>((resolve, reject) => {
    const stopListening = directory.onChange(({ lane, snapshot }) => {
      if (lane.gate_id === gate && snapshot?.state === 'vehiclePresent') resolve();
    });
    const stopWaiting = clock.after(ARRIVES_WITHIN, () =>
      reject(new CodedError('no_vehicle', `No vehicle arrived at ${gate}`, { gate })),
    );
    cancel = () => {
      stopListening();
      stopWaiting();
    };
  });
  return { done, cancel };
}
