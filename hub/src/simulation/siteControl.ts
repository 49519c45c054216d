import type { GateId } from '@palang/contract/ids';
import type { VehicleClass } from '@palang/contract/vocabulary';

export interface SimulatedDrive {
  readonly lane: GateId;
  readonly plate: string;
  readonly vehicleClass: VehicleClass;
  /** The number on its card, or null for a vehicle that shows none. */
  readonly card: { readonly bits: 26 | 34; readonly value: number } | null;
}

/** The simulated world beside a gateway. */
export interface SiteControl {
  /**
   * Sends a vehicle to a lane; returns its id. It arrives a moment later.
   * @throws CodedError `unknown_gate` for a lane without a world, `gateway_offline` when the world does not answer.
   */
  send(drive: SimulatedDrive): Promise<string>;
  /** A vehicle that is still in its lane backs out; for one that has left, nothing happens. @throws CodedError `gateway_offline`. */
  sendAway(vehicle: string): Promise<void>;
}
