import type { Cancel, Clock } from '@palang/contract/clock';

export type LoopFault = 'stuck' | 'chatter' | 'dead';

/** Milliseconds between metal over the wire and the detector's relay; the release is slower than the pick-up. */
const PICK_UP_MS = 15;
const RELEASE_MS = 40;
/** Half period of a chattering contact: 28 edges a second. */
const CHATTER_MS = 35;

/** An inductive loop with its detector. Faults: `stuck` always reports a vehicle, `dead` never does, `chatter` flutters. */
export class Loop {
  readonly #clock: Clock;
  readonly #report: (occupied: boolean) => void;
  readonly #faults = new Set<LoopFault>();
  #metal = false;
  #relay = false;
  #flutter = false;
  #reported = false;
  #pending: Cancel | undefined;

  /** `report` is told each change of the contact; at the start it is clear. */
  constructor(clock: Clock, report: (occupied: boolean) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  get occupied(): boolean {
    return this.#reported;
  }

  /** Metal lies over the loop, or no longer. */
  sense(metal: boolean): void {
    if (metal === this.#metal) return;
    this.#metal = metal;
    this.#pending?.();
    this.#pending = this.#clock.after(metal ? PICK_UP_MS : RELEASE_MS, () => {
      this.#relay = metal;
      this.#update();
    });
  }

  setFault(fault: LoopFault, active: boolean): void {
    const wasFluttering = this.#faults.has('chatter');
    if (active) this.#faults.add(fault);
    else this.#faults.delete(fault);
    if (this.#faults.has('chatter') && !wasFluttering) this.#chatter();
    this.#update();
  }

  #chatter(): void {
    if (!this.#faults.has('chatter')) return;
    this.#flutter = !this.#flutter;
    this.#update();
    this.#clock.after(CHATTER_MS, () => this.#chatter());
  }

  #update(): void {
    const occupied = this.#contact();
    if (occupied === this.#reported) return;
    this.#reported = occupied;
    this.#report(occupied);
  }

  #contact(): boolean {
    if (this.#faults.has('stuck')) return true;
    if (this.#faults.has('dead')) return false;
    return this.#faults.has('chatter') ? this.#flutter : this.#relay;
  }
}
