import type { FaultCode } from '@palang/contract/vocabulary';
import type { Health } from '../ports/receipt.js';
import type { Log } from './log.js';

export type FaultListener = (fault: FaultCode, active: boolean, detail: string) => void;

/** The active faults of the gateway itself (those of a lane are in its own state). Raised once and cleared once, each with a line in the log. */
export class Faults implements Health<FaultCode> {
  readonly #active = new Map<FaultCode, string>();
  readonly #listeners = new Set<FaultListener>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Tells the faults that are active now, and each change from now on. */
  follow(listener: FaultListener): void {
    this.#listeners.add(listener);
    for (const [fault, detail] of this.#active) listener(fault, true, detail);
  }

  raise(fault: FaultCode, detail: string): void {
    if (this.#active.has(fault)) return;
    this.#active.set(fault, detail);
    this.#log.error('Fault', { fault, detail });
    for (const listener of this.#listeners) listener(fault, true, detail);
  }

  clear(fault: FaultCode): void {
    if (!this.#active.delete(fault)) return;
    this.#log.info('Fault cleared', { fault });
    for (const listener of this.#listeners) listener(fault, false, '');
  }
}
