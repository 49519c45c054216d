import type { Cancel, Clock } from '@palang/contract/clock';
import { EmulatedBoard } from '@palang/emulator/board';
import { BoardSerial } from '@palang/emulator/duplex';
import { BoardClock } from './boardClock.js';
import type { Scene } from './camera/scene.js';
import { Noise } from './noise.js';
import type { Ledger } from './terminal/ledger.js';
import { Terminal } from './terminal/terminal.js';
import { LaneWorld } from './world/laneWorld.js';

export interface LaneOptions {
  readonly lane: string;
  readonly direction: 'in' | 'out' | 'reversible';
  /** What the lane's payment terminal remembers; absent when the lane has none. */
  readonly terminal?: Ledger | undefined;
  /** EEPROM of the board; erased when absent. */
  readonly eeprom?: Uint8Array | undefined;
}

export interface SiteOptions {
  readonly lanes: readonly LaneOptions[];
  /** The board's program as Intel hex. */
  readonly hex: string;
  /** Epoch milliseconds, drawn into pictures. */
  readonly wall: () => number;
}

/** One lane: the emulated board with everything that is wired to it, on the board's own virtual time. */
export class SimulatedLane {
  readonly name: string;
  readonly direction: LaneOptions['direction'];
  readonly board: EmulatedBoard;
  readonly clock: Clock;
  readonly terminal: Terminal | undefined;
  readonly world: LaneWorld;
  readonly noise: Noise;

  constructor({ lane, direction, terminal, eeprom }: LaneOptions, hex: string, wall: () => number) {
    this.name = lane;
    this.direction = direction;
    const board = new EmulatedBoard({ hex, ...(eeprom === undefined ? {} : { eeprom }) });
    this.board = board;
    this.clock = new BoardClock(board, wall);
    this.terminal = terminal === undefined ? undefined : new Terminal(this.clock, terminal);
    const wires = {
      set: (pin: number, high: boolean) => board.setInput(pin, high),
      onOutput: (pin: number, listener: (high: boolean) => void) => void board.onOutput(pin, listener),
    };
    this.world = new LaneWorld(this.clock, wires, this.terminal);
    this.noise = new Noise(this.clock, (bytes) => board.uart.send(bytes));
  }

  /** Opens the serial port inside this process; resets the board. Good for one opening, like a SerialPort. */
  openSerial(): BoardSerial {
    return new BoardSerial(this.board);
  }

  /** What the lane's camera sees now. */
  scene(): Scene {
    const { arm, loops, lamp, vehicles } = this.world.state;
    return {
      lane: this.name,
      time: new Date(this.clock.wall()).toISOString().replace('T', ' ').replace(/\..*/, ' UTC'),
      arm: { angle: arm.angle, broken: arm.broken },
      loops,
      lamp,
      vehicles: vehicles.map(({ order, front, length }) => ({ type: order.type, plate: order.plate, front, length })),
    };
  }
}

/** The physical world of one gateway. */
export class Site {
  readonly lanes: ReadonlyMap<string, SimulatedLane>;

  constructor({ lanes, hex, wall }: SiteOptions) {
    this.lanes = new Map(lanes.map((options) => [options.lane, new SimulatedLane(options, hex, wall)]));
  }

  /** Throws when the site has no such lane: a mistake in a test. */
  lane(name: string): SimulatedLane {
    const lane = this.lanes.get(name);
    if (lane === undefined) throw new Error(`the site has no lane ${name}`);
    return lane;
  }

  /**
   * Lets the boards' time follow `clock` in steps of `sliceMs`: for scenarios on a virtual clock. Bytes from a board reach the
   * host at the end of the step; what happens on the board itself is exact.
   */
  follow(clock: Clock, sliceMs = 1): Cancel {
    const start = clock.monotonic();
    const origins = [...this.lanes.values()].map(({ board }) => ({ board, origin: board.nowMs }));
    let cancel: Cancel;
    const slice = () => {
      const elapsed = clock.monotonic() - start;
      for (const { board, origin } of origins) board.runUntil(origin + elapsed);
      cancel = clock.after(sliceMs, slice);
    };
    cancel = clock.after(sliceMs, slice);
    return () => cancel();
  }
}
