import { CodedError } from '@palang/contract/errors';
import type { BoardTty } from '@palang/emulator/tty';
import type { CameraServer } from './camera/server.js';
import type { SendVehicle, SetFault, ShowCard } from './commands.js';
import type { SimulatedLane, Site } from './site.js';
import type { TerminalServer } from './terminal/server.js';
import type { VehicleAction } from './world/laneWorld.js';

/** The devices' own wires, where faults of the wire are made. */
export interface LaneWires {
  readonly tty: BoardTty;
  readonly terminal: TerminalServer | undefined;
}

export type ControlErrorCode = 'unknown_lane' | 'unknown_vehicle' | 'no_such_device';

/** What may be done to the world from outside; each method throws CodedError<ControlErrorCode>. */
export class Control {
  readonly #site: Site;
  readonly #wires: ReadonlyMap<string, LaneWires>;
  readonly #camera: CameraServer;

  constructor(site: Site, wires: ReadonlyMap<string, LaneWires>, camera: CameraServer) {
    this.#site = site;
    this.#wires = wires;
    this.#camera = camera;
  }

  sendVehicle({ lane, vehicle_type: type, ...order }: SendVehicle): { vehicle_id: string } {
    return { vehicle_id: `${lane}.${this.#lane(lane).world.send({ ...order, type })}` };
  }

  tellVehicle(vehicleId: string, action: VehicleAction): void {
    const dot = vehicleId.lastIndexOf('.');
    const lane = this.#site.lanes.get(vehicleId.slice(0, dot));
    if (lane?.world.tell(vehicleId.slice(dot + 1), action) !== true) {
      throw new CodedError('unknown_vehicle', `no vehicle ${vehicleId} is in a lane`);
    }
  }

  showCard({ lane, bits, value, parity }: ShowCard): void {
    this.#lane(lane).world.showCard({ bits, value }, parity);
  }

  setFault(command: SetFault): void {
    const lane = this.#lane(command.lane);
    const { active } = command;
    switch (command.device) {
      case 'board':
        if (active) this.#resetBoard(lane, command.fault);
        return;
      case 'serial':
        this.#serialFault(lane, command.fault, active);
        return;
      case 'camera':
        this.#camera.setFault(command.lane, command.fault, active);
        return;
      case 'terminal':
        this.#terminalFault(lane, command.fault, active);
        return;
      default:
        lane.world.setFault(command, active);
    }
  }

  /** The whole world as plain data. */
  state(): Record<string, unknown> {
    return Object.fromEntries([...this.#site.lanes.values()].map((lane) => [lane.name, this.#laneState(lane)]));
  }

  #laneState({ name, direction, board, world, terminal }: SimulatedLane): unknown {
    const { vehicles, passed, backedOut, ...state } = world.state;
    const tty = this.#wires.get(name)?.tty;
    return {
      direction,
      ...state,
      vehicles: vehicles.map(({ id, phase, front, order }) => ({
        vehicle_id: `${name}.${id}`,
        phase,
        front,
        plate: order.plate,
        vehicle_type: order.type,
      })),
      passed,
      backed_out: backedOut,
      board: { boots: board.boots, uptime_ms: board.nowMs, serial_plugged: tty?.plugged, serial_opened: tty?.opened },
      ...(terminal === undefined ? {} : { terminal: { charges: terminal.charges } }),
    };
  }

  /** A board that loses its power takes its USB port with it. */
  #resetBoard(lane: SimulatedLane, fault: 'external_reset' | 'power_cycle'): void {
    const tty = this.#wires.get(lane.name)?.tty;
    const replug = fault === 'power_cycle' && tty?.plugged === true;
    if (replug) tty.unplug();
    lane.board.reset(fault === 'power_cycle' ? 'power' : 'external');
    if (replug) tty.plug();
  }

  #serialFault(lane: SimulatedLane, fault: 'unplugged' | 'garbage', active: boolean): void {
    if (fault === 'garbage') lane.noise.set(active);
    else if (active) this.#wires.get(lane.name)?.tty.unplug();
    else this.#wires.get(lane.name)?.tty.plug();
  }

  #terminalFault(
    lane: SimulatedLane,
    fault: Extract<SetFault, { device: 'terminal' }>['fault'],
    active: boolean,
  ): void {
    const server = this.#wires.get(lane.name)?.terminal;
    if (lane.terminal === undefined || server === undefined) {
      throw new CodedError('no_such_device', `lane ${lane.name} has no payment terminal`);
    }
    if (fault === 'off') server.setOff(active);
    else lane.terminal.setFault(fault, active);
  }

  #lane(name: string): SimulatedLane {
    const lane = this.#site.lanes.get(name);
    if (lane === undefined) throw new CodedError('unknown_lane', `this site has no lane ${name}`);
    return lane;
  }
}
