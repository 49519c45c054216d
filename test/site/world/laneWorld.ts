import type { Cancel, Clock } from '@palang/contract/clock';
import { Arm, type ArmFault } from './arm.js';
import { Loop, type LoopFault } from './loop.js';
import { type Card, Reader, wiegandFrame } from './reader.js';
import { type Instrument, Vehicle, type VehicleOrder } from './vehicle.js';
import { LAYOUT, PINS, type Wires } from './wiring.js';

/** The payment terminal as the driver in front of it sees it. */
export interface Till {
  /** The charge it is asking for, or undefined. */
  asked(): { key: string; amount: number } | undefined;
  answer(key: string, outcome: 'approve' | 'decline', instrument: Instrument): void;
}

export type WorldFault =
  | { device: 'arming_loop' | 'closing_loop'; fault: LoopFault }
  | { device: 'arm'; fault: ArmFault }
  | { device: 'reader'; fault: 'dead' };

export type VehicleAction = 'leave' | 'back_out' | 'show_card' | 'press_button';

export interface WorldState {
  readonly arm: { angle: number; moving: boolean; broken: boolean; raised: number; lowered: number; hits: number };
  readonly loops: { arming: boolean; closing: boolean };
  readonly lamp: boolean;
  readonly vehicles: readonly Pick<Vehicle, 'id' | 'phase' | 'front' | 'length' | 'order'>[];
  /** Vehicles that went through the lane or backed out of it since the start. */
  readonly passed: number;
  readonly backedOut: number;
}

const TICK_MS = 20;
const BUTTON_MS = 150;
const ANSWER_MS = { approve: 1_000, approve_slowly: 8_000, decline: 1_000 } as const;
/** Below this angle the arm touches the roof of whatever stands under it. */
const ROOF_ANGLE = 40;

/** Everything physical around one board. Moves only what somebody asked to move; time comes from `clock` alone. */
export class LaneWorld {
  readonly #clock: Clock;
  readonly #wires: Wires;
  readonly #till: Till | undefined;
  readonly #arm: Arm;
  readonly #armingLoop: Loop;
  readonly #closingLoop: Loop;
  readonly #reader: Reader;
  readonly #answering = new Set<string>();
  #vehicles: Vehicle[] = [];
  #tick: Cancel | undefined;
  #lamp = false;
  #passed = 0;
  #backedOut = 0;
  #sent = 0;

  constructor(clock: Clock, wires: Wires, till?: Till) {
    this.#clock = clock;
    this.#wires = wires;
    this.#till = till;
    this.#arm = new Arm(clock, {
      changed: () => this.#wireArm(),
      obstructed: (angle) =>
        angle < ROOF_ANGLE && this.#vehicles.some((v) => v.covers({ from: LAYOUT.arm, to: LAYOUT.arm })),
    });
    this.#armingLoop = new Loop(clock, (occupied) => wires.set(PINS.armingLoop, occupied));
    this.#closingLoop = new Loop(clock, (occupied) => wires.set(PINS.closingLoop, occupied));
    this.#reader = new Reader(clock, (bit, high) => wires.set(bit ? PINS.readerOne : PINS.readerZero, high));
    wires.set(PINS.armingLoop, false);
    wires.set(PINS.closingLoop, false);
    for (const pin of [PINS.readerZero, PINS.readerOne, PINS.ticketButton]) wires.set(pin, true);
    wires.onOutput(PINS.raiseRelay, (high) => high && this.#arm.pulse('raise'));
    wires.onOutput(PINS.lowerRelay, (high) => high && this.#arm.pulse('lower'));
    wires.onOutput(PINS.lamp, (high) => {
      this.#lamp = high;
    });
    this.#wireArm();
  }

  get state(): WorldState {
    const { angle, moving, broken, raised, lowered, hits } = this.#arm;
    return {
      arm: { angle, moving, broken, raised, lowered, hits },
      loops: { arming: this.#armingLoop.occupied, closing: this.#closingLoop.occupied },
      lamp: this.#lamp,
      vehicles: this.#vehicles.map(({ id, phase, front, length, order }) => ({ id, phase, front, length, order })),
      passed: this.#passed,
      backedOut: this.#backedOut,
    };
  }

  /** A vehicle arrives in front of the lane, behind those already there. Returns its id. */
  send(order: VehicleOrder): string {
    this.#sent += 1;
    const vehicle = new Vehicle(`v${this.#sent}`, order, this.#vehicles.at(-1)?.rear);
    this.#vehicles.push(vehicle);
    this.#tick ??= this.#clock.after(TICK_MS, () => this.#step());
    return vehicle.id;
  }

  /** Tells a driver what to do. False when no such vehicle is in the lane. */
  tell(id: string, action: VehicleAction): boolean {
    const vehicle = this.#vehicles.find((candidate) => candidate.id === id);
    if (vehicle === undefined) return false;
    if (action === 'leave') vehicle.leave();
    else if (action === 'back_out') vehicle.backOut();
    else if (action === 'press_button') this.pressButton();
    else if (vehicle.order.card !== undefined) this.showCard(vehicle.order.card);
    return true;
  }

  /** Holds a card to the reader. */
  showCard(card: Card, parity: 'right' | 'wrong' = 'right'): void {
    this.#reader.show(wiegandFrame(card, parity));
  }

  pressButton(): void {
    this.#wires.set(PINS.ticketButton, false);
    this.#clock.after(BUTTON_MS, () => this.#wires.set(PINS.ticketButton, true));
  }

  setFault(named: WorldFault, active: boolean): void {
    if (named.device === 'arm') this.#arm.setFault(named.fault, active);
    else if (named.device === 'reader') this.#reader.setDead(active);
    else if (named.device === 'arming_loop') this.#armingLoop.setFault(named.fault, active);
    else this.#closingLoop.setFault(named.fault, active);
  }

  #wireArm(): void {
    this.#wires.set(PINS.lowerLimit, !this.#arm.atLowerLimit);
    this.#wires.set(PINS.upperLimit, !this.#arm.atUpperLimit);
    this.#wires.set(PINS.armInPlace, this.#arm.broken);
  }

  #step(): void {
    const nowMs = this.#clock.monotonic();
    let rearAhead = Number.POSITIVE_INFINITY;
    for (const vehicle of this.#vehicles) {
      vehicle.step({ nowMs, armAngle: this.#arm.broken ? 90 : this.#arm.angle, rearAhead }, TICK_MS / 1000);
      rearAhead = vehicle.phase === 'gone' ? rearAhead : vehicle.rear;
      if (vehicle.takesOutCard(nowMs) && vehicle.order.card) this.showCard(vehicle.order.card);
      if (vehicle.phase === 'waiting') this.#pay(vehicle);
    }
    this.#dismiss();
    this.#armingLoop.sense(this.#vehicles.some((v) => v.covers(LAYOUT.armingLoop)));
    this.#closingLoop.sense(this.#vehicles.some((v) => v.covers(LAYOUT.closingLoop)));
    this.#tick = this.#vehicles.length > 0 ? this.#clock.after(TICK_MS, () => this.#step()) : undefined;
  }

  #dismiss(): void {
    for (const vehicle of this.#vehicles) {
      if (vehicle.left === 'through') this.#passed += 1;
      else if (vehicle.left === 'backwards') this.#backedOut += 1;
    }
    this.#vehicles = this.#vehicles.filter((vehicle) => vehicle.phase !== 'gone');
  }

  /** The driver at the stop line reacts, once per charge, to a terminal that asks for money. */
  #pay(vehicle: Vehicle): void {
    const asked = this.#till?.asked();
    const { pays, instrument } = vehicle.order;
    if (asked === undefined || pays === 'never' || this.#answering.has(asked.key)) return;
    this.#answering.add(asked.key);
    this.#clock.after(ANSWER_MS[pays], () => {
      this.#answering.delete(asked.key);
      if (this.#vehicles.includes(vehicle)) {
        this.#till?.answer(asked.key, pays === 'decline' ? 'decline' : 'approve', instrument);
      }
    });
  }
}
