import { Command, type CommandRefusal, refuseCommand } from '@palang/contract/link/commands';
import type { LaneService } from '../ports/lanes.js';
import type { Notes } from '../ports/notes.js';

export interface OrdersDependencies {
  readonly gateway: string;
  readonly boot: string;
  readonly lanes: ReadonlyMap<string, LaneService>;
  readonly notes: Notes;
  monotonic(): number;
  /** Ed25519 over the text's bytes, signature in base64, by the hub that this gateway is paired with. */
  verify(text: string, signature: string): boolean;
}

export interface OrderOutcome {
  /** Null when the text was not even a command. */
  readonly id: string | null;
  readonly outcome: string;
  readonly detail: Record<string, unknown>;
}

const COUNTER = 'command_counter';

/** Carries out signed commands of one connection, or says why not. */
export class Orders {
  readonly #deps: OrdersDependencies;
  readonly #hubEpoch: string;
  readonly #since: number;

  /** A command that quotes a stamp from before this connection belongs to another one, whatever its counter. */
  constructor(dependencies: OrdersDependencies, hubEpoch: string) {
    this.#deps = dependencies;
    this.#hubEpoch = hubEpoch;
    this.#since = dependencies.monotonic();
  }

  async carryOut(text: string, signature: string): Promise<OrderOutcome> {
    // The signature first: nothing of an unsigned text is looked at, except the id that the refusal is addressed to.
    const genuine = this.#deps.verify(text, signature);
    const command = parse(text);
    const refusal = genuine ? this.#refuse(command) : 'bad_signature';
    if (command === null || refusal !== null) {
      return { id: command?.id ?? null, outcome: refusal ?? 'malformed', detail: {} };
    }
    const lane = this.#deps.lanes.get(command.lane);
    if (lane === undefined) return { id: command.id, outcome: 'unknown_lane', detail: {} };
    // Counted before it is carried out. Not waited for: after a restart the older stamp refuses a replay as well.
    this.#count(command.counter);
    const result = await lane.execute(command.order, {
      command: command.id,
      actor: command.actor,
      reason: command.reason,
    });
    return { id: command.id, outcome: result.ok ? result.outcome : result.code, detail: result.detail };
  }

  #refuse(command: Command | null): CommandRefusal | null {
    if (command === null) return 'malformed';
    const { gateway, boot, lanes } = this.#deps;
    const refusal = refuseCommand(command, {
      gateway,
      boot,
      hubEpoch: this.#hubEpoch,
      monotonic: this.#deps.monotonic(),
      lastCounter: this.#lastCounter(),
      lanes: new Set(lanes.keys()),
    });
    return refusal ?? (command.stamp < this.#since ? 'expired' : null);
  }

  #lastCounter(): number {
    const [epoch, counter] = (this.#deps.notes.get(COUNTER) ?? '').split('.');
    return epoch === this.#hubEpoch ? Number(counter) : 0;
  }

  #count(counter: number): void {
    // A failing disk is told by the journal.
    this.#deps.notes.set(COUNTER, `${this.#hubEpoch}.${counter}`).catch(() => undefined);
  }
}

function parse(text: string): Command | null {
  try {
    return Command.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
