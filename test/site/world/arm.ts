import type { Clock } from '@palang/contract/clock';

export type ArmFault = 'blocked' | 'broken' | 'relay_cut' | 'upper_limit_dead' | 'lower_limit_dead';

/** Degrees above the horizontal at rest, fully down and fully up. */
const DOWN = 0;
const UP = 90;
/** Degrees a second and a second squared: 90 degrees take 1.46 s, and reversing at full speed coasts 6 degrees further. */
const SPEED = 70;
const ACCELERATION = 400;
/** How far from its end the arm closes a limit switch. */
const LIMIT_BAND = 2;
const STEP_MS = 5;

interface ArmSurroundings {
  /** Called whenever a limit switch or the arm-in-place contact may have changed. */
  changed(): void;
  /** True when something stands in the way of a descending arm at this angle. */
  obstructed(angle: number): boolean;
}

/**
 * A barrier with its operator: a pulse on a relay starts the motor, which runs to the limit or until the opposite pulse; the
 * relay's release does not stop it. A motor that meets resistance trips and needs a new pulse.
 */
export class Arm {
  readonly #clock: Clock;
  readonly #surroundings: ArmSurroundings;
  readonly #faults = new Set<ArmFault>();
  #angle = DOWN;
  #speed = 0;
  #drive: -1 | 0 | 1 = 0;
  #stepping = false;
  #lastLimit: 'lower' | 'upper' = 'lower';

  /** Full ways as the limit switches saw them: from one switch to the other. */
  raised = 0;
  lowered = 0;
  /** Times the arm came down on a vehicle. */
  hits = 0;

  constructor(clock: Clock, surroundings: ArmSurroundings) {
    this.#clock = clock;
    this.#surroundings = surroundings;
  }

  /** Degrees: 0 is down across the lane, 90 is up. */
  get angle(): number {
    return this.#angle;
  }

  get moving(): boolean {
    return this.#speed !== 0;
  }

  get broken(): boolean {
    return this.#faults.has('broken');
  }

  get atLowerLimit(): boolean {
    return this.#angle <= DOWN + LIMIT_BAND && !this.#faults.has('lower_limit_dead');
  }

  get atUpperLimit(): boolean {
    return this.#angle >= UP - LIMIT_BAND && !this.#faults.has('upper_limit_dead');
  }

  /** A relay closed. */
  pulse(direction: 'raise' | 'lower'): void {
    if (this.#faults.has('relay_cut')) return;
    this.#drive = direction === 'raise' ? 1 : -1;
    if (this.#stepping) return;
    this.#stepping = true;
    this.#clock.after(STEP_MS, () => this.#step());
  }

  setFault(fault: ArmFault, active: boolean): void {
    if (active) this.#faults.add(fault);
    else this.#faults.delete(fault);
    this.#surroundings.changed();
  }

  #step(): void {
    const seconds = STEP_MS / 1000;
    const wanted = this.#drive * SPEED;
    const change = Math.max(-ACCELERATION * seconds, Math.min(ACCELERATION * seconds, wanted - this.#speed));
    this.#speed += change;
    this.#move(this.#speed * seconds);
    this.#countLimits();
    this.#surroundings.changed();
    if (this.#drive === 0 && this.#speed === 0) this.#stepping = false;
    else this.#clock.after(STEP_MS, () => this.#step());
  }

  #move(degrees: number): void {
    const target = Math.min(UP, Math.max(DOWN, this.#angle + degrees));
    const hit = degrees < 0 && this.#surroundings.obstructed(target);
    if (hit) this.hits += 1;
    if (hit || this.#faults.has('blocked')) this.#trip();
    else {
      this.#angle = target;
      const arrived = this.#drive === 1 ? target === UP : this.#drive === -1 && target === DOWN;
      if (arrived) this.#trip();
    }
  }

  #trip(): void {
    this.#drive = 0;
    this.#speed = 0;
  }

  #countLimits(): void {
    if (this.atUpperLimit && this.#lastLimit === 'lower') {
      this.#lastLimit = 'upper';
      this.raised += 1;
    } else if (this.atLowerLimit && this.#lastLimit === 'upper') {
      this.#lastLimit = 'lower';
      this.lowered += 1;
    }
  }
}
