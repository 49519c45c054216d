import type { Receipt } from '../ports/receipt.js';

/**
 * Acknowledges device messages once everything that follows from them is on the disk, in order. A write that failed is tried again by the journal, in its
 * order; so the next one that succeeds stands for all before it.
 *
 * While the disk is sick nothing is held back: a device sends only a few messages ahead of what was acknowledged (our board four), and a lane that hears no
 * more of its loops and cards traps drivers. Until the records have followed, only this process knows them; the board's opening counter still tells of openings.
 */
export class Receipts {
  #owed: { readonly receipt: Receipt; readonly after: number }[] = [];
  #recordings = 0;
  #durable = 0;
  #sick = false;

  /** The disk overran its bound, or is well again. */
  diskIs(sick: boolean): void {
    this.#sick = sick;
    this.#reached(this.#durable);
  }

  /** Told of every append, before the receipts of what caused it. */
  recording(durable: Promise<void>): void {
    this.#recordings++;
    const number = this.#recordings;
    durable.then(
      () => this.#reached(number),
      // The journal reports it and tries again.
      () => undefined,
    );
  }

  /** Even an input without consequences waits for those before it: devices acknowledge cumulatively. */
  owe(receipt: Receipt): void {
    this.#owed.push({ receipt, after: this.#recordings });
    this.#reached(this.#durable);
  }

  #reached(number: number): void {
    this.#durable = Math.max(this.#durable, number);
    const through = this.#sick ? this.#recordings : this.#durable;
    const due = this.#owed.filter(({ after }) => after <= through);
    this.#owed = this.#owed.filter(({ after }) => after > through);
    for (const { receipt } of due) receipt.acknowledge();
  }
}
