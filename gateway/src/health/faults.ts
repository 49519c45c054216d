import type { FaultCode } from '@palang/contract/vocabulary';
import type { Health } from '../ports/receipt.js';
import type { Log } from './log.js';

/** The active faults of the gateway itself (those of a lane are in its own state). Raised once and cleared once, each with a line in the log. */
export class Faults implements Health<FaultCode> {
  readonly #active = new Map<FaultCode, string>();
  readonly #listeners = new Set<() => void>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  active(): FaultCode[] {
    return [...this.#active.keys()];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  raise(fault: FaultCode, detail: string): void {
    if (this.#active.has(fault)) return;
    this.#active.set(fault, detail);
    this.#log.error('Fault', { fault, detail });
    this.#tell();
  }

  clear(fault: FaultCode): void {
    if (!this.#active.delete(fault)) return;
    this.#log.info('Fault cleared', { fault });
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
