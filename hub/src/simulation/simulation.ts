import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { GateId } from '@palang/contract/ids';
import type { Card } from '@palang/contract/link/replica';
import { formatPlate, normalisePlate } from '@palang/contract/plate';
import type { VehicleClass } from '@palang/contract/vocabulary';
import type { Directory, LaneStatus, Reference, Replica } from '../link/ports.js';
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
  /** Brings a vehicle without a card to the lane unless one is there, and waits until the lane sees it. */
  present(visit: Omit<Visit, 'label'>): Promise<void>;
}

export interface SimulationOptions {
  readonly site: SiteControl;
  readonly reference: Reference;
  readonly replica: Replica;
  readonly directory: Directory;
  readonly clock: Clock;
}

export function createSimulation({ site, reference, replica, directory, clock }: SimulationOptions): Simulation {
  /** Vehicles on their way: requests for the same lane at the same time share one. */
  const coming = new Map<GateId, Promise<void>>();

  async function card(label: string, vehicle: SimulatedVehicle, gate: GateId): Promise<Card> {
    const lane = directory.lane(gate);
    if (lane === null) throw new CodedError('unknown_gate', `There is no lane ${gate}`, { gate });
    if (!lane.online) throw new CodedError('gateway_offline', `The gateway of ${gate} is not connected`, { gate });
    const found = await cardFor(label, vehicle, reference);
    await replica.whenAcknowledged(replica.version(), [lane.gateway], REPLICA_WITHIN);
    return found;
  }

  async function bring(visit: Omit<Visit, 'label'>): Promise<void> {
    const arrived = seen(visit.gate, directory, clock);
    // Marked as handled: when the site refuses, nobody is left to wait for the arrival.
    arrived.done.catch(() => {});
    try {
      await site.send({
        lane: visit.gate,
        plate: shown(visit.plate),
        vehicleClass: visit.vehicleClass,
        card: null,
      });
      await arrived.done;
    } finally {
      arrived.cancel();
    }
  }

  return {
    card,

    async visit({ gate, label, plate, vehicleClass }) {
      const vehicle = { plate: normalisePlate(plate), vehicleClass };
      const shows = label === null ? null : readable((await card(label, vehicle, gate)).credential);
      return site.send({ lane: gate, plate: shown(plate), vehicleClass, card: shows });
    },

    present(visit) {
      if (hasVehicle(directory.lane(visit.gate))) return Promise.resolve();
      const existing = coming.get(visit.gate);
      if (existing !== undefined) return existing;
      const arrival = bring(visit).finally(() => coming.delete(visit.gate));
      coming.set(visit.gate, arrival);
      return arrival;
    },
  };
}

function shown(plate: string): string {
  return formatPlate(normalisePlate(plate) ?? 'B1').slice(0, 16);
}

/** Waiting to be served: a vehicle that is already driving through is not the one we want. */
function hasVehicle(lane: LaneStatus | null): boolean {
  return lane?.online === true && lane.snapshot?.state === 'vehiclePresent';
}

/** Told by the lane's live state. @throws CodedError `no_vehicle` when it does not arrive in time. */
function seen(gate: GateId, directory: Directory, clock: Clock): { done: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  const done = new Promise<void>((resolve, reject) => {
    const stopListening = directory.onChange((lane) => {
      if (lane.lane.gate_id === gate && hasVehicle(lane)) resolve();
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
