import * as z from 'zod/mini';
import { GateId } from '../ids.js';
import { GateAction, PaymentMethod } from '../vocabulary.js';

/** A command dies this many ms after the stamp it quotes, however late it is delivered. */
export const COMMAND_LIFE = 5_000;

/** What the hub can ask of a lane now. Never queued for an absent gateway. */
export const Order = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('gate'),
    action: GateAction,
    /** Minimum time held open, ms (open only). */
    duration: z.int().check(z.nonnegative(), z.maximum(600_000)),
  }),
  z.object({ op: z.literal('capture') }),
  z.object({
    op: z.literal('entry'),
    credential: z.string(),
    plate: z.nullable(z.string()),
  }),
  z.object({ op: z.literal('exit'), credential: z.string(), method: PaymentMethod }),
]);
export type Order = z.infer<typeof Order>;

/**
 * The signed text of a command. It quotes the gateway's boot and the last stamp (monotonic ms) that the hub has from it: the gateway
 * counts the age on its own clock. `counter` rises within a hub epoch.
 */
export const Command = z.object({
  id: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  gateway: z.string(),
  hub_epoch: z.string(),
  counter: z.int().check(z.positive()),
  boot: z.string(),
  stamp: z.number().check(z.nonnegative()),
  lane: GateId,
  order: Order,
  actor: z.string().check(z.minLength(1), z.maxLength(200)),
  reason: z.string().check(z.maxLength(500)),
});
export type Command = z.infer<typeof Command>;

/** Why a command was not carried out, besides the lane's own refusals. */
export const CommandRefusal = z.enum([
  'bad_signature',
  'malformed',
  'wrong_gateway',
  'stale_boot',
  'stale_epoch',
  'replayed',
  'expired',
  'unknown_lane',
]);
export type CommandRefusal = z.infer<typeof CommandRefusal>;

export interface CommandContext {
  readonly gateway: string;
  readonly hubEpoch: string;
  readonly boot: string;
  readonly monotonic: number;
  readonly lastCounter: number;
  readonly lanes: ReadonlySet<string>;
}

/** Checks everything about a command but its signature. Null when it may be carried out now. */
export function refuseCommand(command: Command, context: CommandContext): CommandRefusal | null {
  if (command.gateway !== context.gateway) return 'wrong_gateway';
  if (command.hub_epoch !== context.hubEpoch) return 'stale_epoch';
  if (command.boot !== context.boot) return 'stale_boot';
  if (command.counter <= context.lastCounter) return 'replayed';
  const age = context.monotonic - command.stamp;
  if (age < 0 || age > COMMAND_LIFE) return 'expired';
  if (!context.lanes.has(command.lane)) return 'unknown_lane';
  return null;
}
