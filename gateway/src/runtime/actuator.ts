import { codeOf } from '@palang/contract/errors';
import type { Effect } from '../lane/effect.js';
import type { Input } from '../lane/input.js';
import type { Barrier, PreparedCommand } from '../ports/barrier.js';
import type { Log } from './dependencies.js';
import type { Storage } from './storage.js';

type Send = Extract<Effect, { kind: 'send' }>;

interface Dependencies {
  readonly barrier: Barrier;
  readonly storage: Storage;
  readonly log: Log;
  readonly feed: (input: Input) => void;
  /** False once the opening is over: a raise that waited for the disk must not come late. */
  readonly isCurrent: (opening: number) => boolean;
}

/** Sends the lane's commands to its barrier, one after the other; what opens goes out only once its record is durable. */
export class Actuator {
  readonly #deps: Dependencies;
  #tail: Promise<void> = Promise.resolve();

  constructor(dependencies: Dependencies) {
    this.#deps = dependencies;
  }

  /** Commands are named in the order in which they are sent: the device refuses an older one. */
  send(effect: Send, recorded: Promise<void>): void {
    const command = effect.prepared ?? this.prepare();
    this.#tail = this.#tail.then(() => this.#send(effect, command, recorded));
  }

  async #send(effect: Send, command: PreparedCommand | null, recorded: Promise<void>): Promise<void> {
    const { operation, opening, order } = effect;
    if (effect.prepared !== null) await this.#deps.storage.wait(recorded, effect.paid);
    const late = opening !== null && !this.#deps.isCurrent(opening);
    const failure = late ? 'superseded' : await this.#try(effect, command);
    this.#deps.feed({ kind: 'sent', operation, opening, order, failure });
  }

  /** The name of the next command, or null while the device is away. */
  prepare(): PreparedCommand | null {
    try {
      return this.#deps.barrier.prepare();
    } catch (error) {
      if (codeOf(error) !== 'barrier_offline') throw error;
      return null;
    }
  }

  /** The code of the failure, or null. */
  async #try({ operation, hold_open }: Send, command: PreparedCommand | null): Promise<string | null> {
    const { barrier, log } = this.#deps;
    if (command === null) return 'barrier_offline';
    try {
      await barrier.send(operation, command, hold_open);
      return null;
    } catch (error) {
      const code = codeOf(error);
      log(code === undefined ? 'error' : 'warn', 'barrier command failed', { operation, code, error: String(error) });
      // Whatever went wrong, the device may have heard: as when it does not answer.
      return code ?? 'barrier_no_answer';
    }
  }
}
