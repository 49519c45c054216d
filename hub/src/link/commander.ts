import type { Clock, Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Epoch, GateId } from '@palang/contract/ids';
import { COMMAND_LIFE, type Command, type Order } from '@palang/contract/link/commands';
import type { Down } from '@palang/contract/link/envelope';
import type { HubKey } from './keys.js';
import type { CommandOutcome } from './ports.js';

/** Longer than a command lives, so that an answer given in its last moment still counts. */
const ANSWER_TIMEOUT = COMMAND_LIFE + 500;

/** A gateway that can be commanded: the stamp is the last it sent, with when it came (our monotonic ms). */
export interface Commanded {
  readonly gateway: string;
  readonly stamp: { readonly boot: string; readonly mono: number; readonly heardAt: number } | null;
  send(message: Down): void;
}

interface Pending {
  readonly gateway: string;
  settle(outcome: CommandOutcome | CodedError): void;
}

/** Signs commands and matches their answers. Keeps nothing for later: what cannot go out now is refused now. */
export class Commander {
  readonly #tools: { clock: Clock; random: Random; hubKey: HubKey; hubEpoch: Epoch };
  readonly #pending = new Map<string, Pending>();
  #counter = 0;

  constructor(tools: { clock: Clock; random: Random; hubKey: HubKey; hubEpoch: Epoch }) {
    this.#tools = tools;
  }

  command(
    to: Commanded,
    lane: GateId,
    order: Order,
    by: { readonly actor: string; readonly reason: string },
  ): Promise<CommandOutcome> {
    const { clock, random, hubKey, hubEpoch } = this.#tools;
    const { stamp, gateway } = to;
    // A stamp as old as a command may get would be dead on arrival: the gateway is silent, whatever its socket says.
    if (stamp === null || clock.monotonic() - stamp.heardAt > COMMAND_LIFE) {
      return Promise.reject(new CodedError('gateway_offline', 'The gateway is silent', { gateway }));
    }
    this.#counter += 1;
    const command: Command = {
      id: random.hex(16),
      gateway,
      hub_epoch: hubEpoch,
      counter: this.#counter,
      boot: stamp.boot,
      stamp: stamp.mono,
      lane,
      order,
      actor: by.actor,
      reason: by.reason,
    };
    const text = JSON.stringify(command);
    return new Promise((resolve, reject) => {
      const cancel = clock.after(ANSWER_TIMEOUT, () => settle(timedOut(gateway, command.id)));
      const settle = (outcome: CommandOutcome | CodedError) => {
        this.#pending.delete(command.id);
        cancel();
        if (outcome instanceof CodedError) reject(outcome);
        else resolve(outcome);
      };
      this.#pending.set(command.id, { gateway, settle });
      to.send({ type: 'command', text, signature: hubKey.sign(text) });
    });
  }

  /** False when nobody waits for it (any more), or it was another gateway's to answer. */
  answer(gateway: string, outcome: CommandOutcome): boolean {
    const pending = this.#pending.get(outcome.id);
    if (pending?.gateway !== gateway) return false;
    pending.settle(outcome);
    return true;
  }

  /** The connection is gone: what was sent may or may not be carried out, and the answer will not come here. */
  lost(gateway: string): void {
    for (const [id, pending] of [...this.#pending])
      if (pending.gateway === gateway) pending.settle(timedOut(gateway, id));
  }
}

function timedOut(gateway: string, id: string): CodedError {
  return new CodedError('gateway_timeout', 'The command was sent; whether it was carried out is not known yet', {
    gateway,
    id,
  });
}
