import type { Card } from './reader.js';
import { LAYOUT } from './wiring.js';

export const VEHICLE_LENGTHS = { motorcycle: 2.0, car: 4.4, truck: 7.5, bus: 9.0 } as const;
export type VehicleType = keyof typeof VEHICLE_LENGTHS;
export const BEHAVIOURS = ['drive', 'back_out', 'tailgate', 'tailgate_closely', 'stay_under_arm'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];
export const PAYS = ['approve', 'approve_slowly', 'decline', 'never'] as const;
export type Pays = (typeof PAYS)[number];
export const INSTRUMENTS = ['card', 'emoney', 'qris'] as const;
export type Instrument = (typeof INSTRUMENTS)[number];

export interface VehicleOrder {
  readonly plate: string;
  readonly type: VehicleType;
  readonly card?: Card | undefined;
  readonly pays: Pays;
  readonly instrument: Instrument;
  readonly behaviour: Behaviour;
}

export type VehiclePhase = 'approaching' | 'waiting' | 'passing' | 'staying' | 'reversing' | 'gone';

/** What a driver sees. */
export interface Sight {
  readonly nowMs: number;
  readonly armAngle: number;
  /** Rear of the vehicle in front, or Infinity. */
  readonly rearAhead: number;
}

/** Metres to the vehicle ahead. A tailgater leaves the closing loop clear for a moment; a close one looks like a trailer to it. */
const GAP = 1;
const GAPS: Readonly<Partial<Record<Behaviour, number>>> = { tailgate: 2.6, tailgate_closely: 0.4 };
const SPEED = 4;
const ACCELERATION = 4;
/** The arm counts as up for a driver, and as out of the way of a vehicle that is already rolling. */
const FULLY_UP = 86;
const PASSABLE = 60;
const LOOK_AROUND_MS = 400;
/** A driver who finds the arm up (held open, or still up from the one before) waits this long for it to close first. */
const WAIT_FOR_OWN_OPENING_MS = 3_000;
const BACK_OUT_DECISION_MS = 3_000;
export const PATIENCE_MS = 60_000;

/** A vehicle with its driver: looks, decides, moves. Position is the front's, in metres along the lane. */
export class Vehicle {
  readonly id: string;
  readonly order: VehicleOrder;
  readonly length: number;
  front: number;
  phase: VehiclePhase = 'approaching';
  /** How it left: through the lane, or backwards. */
  left: 'through' | 'backwards' | undefined;
  showedCard = false;
  #speed = 0;
  #since = 0;
  #sawArmDown = false;
  #toldToLeave = false;

  /** Appears where the lane comes into view, or behind the vehicle whose rear is at `rearAhead`. */
  constructor(id: string, order: VehicleOrder, rearAhead: number = Number.POSITIVE_INFINITY) {
    this.id = id;
    this.order = order;
    this.front = Math.min(LAYOUT.appearAt, rearAhead - GAP);
    this.length = VEHICLE_LENGTHS[order.type];
  }

  get rear(): number {
    return this.front - this.length;
  }

  covers(zone: { from: number; to: number }): boolean {
    return this.phase !== 'gone' && this.front > zone.from && this.rear < zone.to;
  }

  /** Drive on when the arm allows it, whatever the behaviour said. */
  leave(): void {
    this.#toldToLeave = true;
    if (this.phase === 'staying' || this.phase === 'waiting') this.#enter('passing', this.#since);
  }

  backOut(): void {
    if (this.phase !== 'gone') this.#enter('reversing', this.#since);
  }

  /** True once per stay: the moment for the driver to hold the card to the reader. */
  takesOutCard(nowMs: number): boolean {
    const due = this.phase === 'waiting' && !this.showedCard && nowMs - this.#since >= LOOK_AROUND_MS;
    if (due) this.showedCard = true;
    return due && this.order.card !== undefined;
  }

  step(sight: Sight, seconds: number): void {
    this.#decide(sight);
    if (this.phase === 'waiting' || this.phase === 'staying' || this.phase === 'gone') {
      this.#speed = 0;
      return;
    }
    this.#speed = Math.min(SPEED, this.#speed + ACCELERATION * seconds);
    if (this.phase === 'reversing') this.#reverse(seconds);
    else this.#advance(sight, seconds);
  }

  #decide(sight: Sight): void {
    if (this.phase === 'waiting') this.#decideWaiting(sight);
    else if (this.phase === 'passing' && this.front < LAYOUT.arm && this.#waitedMs(sight) > PATIENCE_MS) {
      this.#enter('reversing', sight.nowMs);
    }
  }

  #decideWaiting(sight: Sight): void {
    const waited = this.#waitedMs(sight);
    const up = sight.armAngle >= FULLY_UP;
    if (!up) this.#sawArmDown = true;
    const ownOpening = this.#sawArmDown || waited > WAIT_FOR_OWN_OPENING_MS;
    const goes = {
      drive: up && this.showedCard && ownOpening,
      stay_under_arm: up && this.showedCard && ownOpening,
      tailgate: sight.armAngle >= PASSABLE,
      tailgate_closely: sight.armAngle >= PASSABLE,
      back_out: false,
    }[this.order.behaviour];
    const givesUp = this.order.behaviour === 'back_out' && ((up && this.showedCard) || waited > BACK_OUT_DECISION_MS);
    if (givesUp || waited > PATIENCE_MS) this.#enter('reversing', sight.nowMs);
    else if (goes) this.#enter('passing', sight.nowMs);
  }

  #advance(sight: Sight, seconds: number): void {
    const limit = this.#furthest(sight);
    const target = this.front + this.#speed * seconds;
    if (target < limit) this.front = target;
    else {
      this.front = Math.max(this.front, limit);
      this.#speed = 0;
      this.#arrived(sight);
    }
    if (this.rear >= LAYOUT.goneAfter) {
      this.left = 'through';
      this.#enter('gone', sight.nowMs);
    }
  }

  #arrived(sight: Sight): void {
    if (this.phase === 'approaching' && this.front >= LAYOUT.stopLine - 0.01) this.#enter('waiting', sight.nowMs);
    else if (this.phase === 'passing' && this.#staysUnderArm() && this.front > LAYOUT.arm) {
      this.#enter('staying', sight.nowMs);
    }
  }

  /** How far the front may go now: the stop line, the arm, the vehicle ahead. */
  #furthest(sight: Sight): number {
    const limits = [sight.rearAhead - (GAPS[this.order.behaviour] ?? GAP)];
    if (this.phase === 'approaching' && this.front <= LAYOUT.stopLine && !this.#follows(sight))
      limits.push(LAYOUT.stopLine);
    if (this.front < LAYOUT.arm && sight.armAngle < PASSABLE) limits.push(LAYOUT.arm - 0.3);
    if (this.phase === 'passing' && this.#staysUnderArm()) limits.push(LAYOUT.arm + 0.6);
    return Math.min(...limits);
  }

  /** A tailgater with somebody in front does not stop at the line. */
  #follows(sight: Sight): boolean {
    const tailgates = this.order.behaviour in GAPS;
    return tailgates && sight.armAngle >= PASSABLE && sight.rearAhead < Number.POSITIVE_INFINITY;
  }

  #staysUnderArm(): boolean {
    return this.order.behaviour === 'stay_under_arm' && !this.#toldToLeave;
  }

  #reverse(seconds: number): void {
    this.front -= this.#speed * seconds;
    if (this.front > LAYOUT.appearAt) return;
    this.left = 'backwards';
    this.phase = 'gone';
  }

  #waitedMs(sight: Sight): number {
    return sight.nowMs - this.#since;
  }

  #enter(phase: VehiclePhase, nowMs: number): void {
    this.phase = phase;
    this.#since = nowMs;
    this.#speed = 0;
  }
}
