import type { gatewayRoutes } from '@palang/contract/api/routes';
import type { GateView } from '@palang/contract/api/shapes';
import type { Random } from '@palang/contract/clock';
import type { GateId } from '@palang/contract/ids';
import type { Order } from '@palang/contract/link/commands';
import type { Direction } from '@palang/contract/vocabulary';
import type * as z from 'zod/mini';
import type { By, LaneService, OrderResult } from '../ports/lanes.js';
import { Refusal, refusal } from './problem.js';

export interface Surface {
  readonly gateway: string;
  readonly lanes: ReadonlyMap<string, LaneService>;
  readonly random: Random;
  wall(): number;
  /** True while there is no link to the hub. */
  standAlone(): boolean;
}

type Routes = typeof gatewayRoutes;
export type RouteName = keyof Routes;
type Input<Name extends RouteName> = Routes[Name]['input'] extends z.ZodMiniType
  ? z.infer<Routes[Name]['input']>
  : null;

export interface Answer {
  readonly status: 200 | 202;
  readonly body: unknown;
}

/** One handler per route of the contract; `actor` is who asks, for the record. */
export type Handlers = { [Name in RouteName]: (input: Input<Name>, actor: string) => Promise<Answer> };

export function createHandlers(surface: Surface): Handlers {
  async function carryOut(lane: LaneService, order: Order, actor: string, reason: string) {
    const by: By = { command: surface.random.hex(16), actor, reason };
    return { by, result: accepted(await lane.execute(order, by)) };
  }

  return {
    async status() {
      const gates: Record<string, GateView> = {};
      for (const [name, lane] of surface.lanes) {
        const live = lane.snapshot();
        const { gateway } = surface;
        const controller_status = live.controller.status;
        gates[name] = { status: 'online', controller_status, gateway, age: 0, lane: lane.description, live };
      }
      return { status: 200, body: { gateway: surface.gateway, stand_alone: surface.standAlone(), gates } };
    },

    async entry(request, actor) {
      const lane = choose(surface.lanes, request.gate_id, 'in');
      const order: Order = { op: 'entry', credential: request.card_id, plate: request.license_plate ?? null };
      const { result } = await carryOut(lane, order, actor, 'entry');
      const { session } = result.detail;
      const body = { status: 'approved', gate_id: lane.description.gate_id, session, card_id: request.card_id };
      return { status: 200, body };
    },

    async exit(request, actor) {
      const lane = choose(surface.lanes, request.gate_id, 'out');
      const order: Order = { op: 'exit', credential: request.card_id, method: request.payment_method };
      const { result } = await carryOut(lane, order, actor, 'exit');
      const { session, quote } = result.detail;
      const awaiting = result.outcome === 'awaiting_payment';
      const status = awaiting ? 'awaiting_payment' : 'settled';
      const gate_id = lane.description.gate_id;
      return { status: awaiting ? 202 : 200, body: { status, gate_id, session, card_id: request.card_id, quote } };
    },

    async gateControl(request, actor) {
      const lane = choose(surface.lanes, request.gate_id, null);
      const duration = Math.round((request.duration ?? 0) * 1_000);
      const order: Order = { op: 'gate', action: request.action, duration };
      const { by } = await carryOut(lane, order, actor, request.reason ?? 'asked at the gate');
      const { gate_id } = lane.description;
      return { status: 200, body: { gate_id, action: request.action, status: 'accepted', command: by.command } };
    },

    async cameraControl(request, actor) {
      const lane = choose(surface.lanes, request.gate_id, null);
      const { result } = await carryOut(lane, { op: 'capture' }, actor, 'asked at the gate');
      const digest = String(result.detail.digest);
      const taken_at = Math.round(surface.wall());
      const { gate_id } = lane.description;
      return { status: 200, body: { gate_id, digest, url: `/api/photos/${digest}`, taken_at } };
    },
  };
}

function accepted(result: OrderResult): Extract<OrderResult, { ok: true }> {
  if (!result.ok) throw refusal(result.code, result.detail);
  return result;
}

/** The lane that is meant: the named one, or the only one that fits. */
function choose(
  lanes: ReadonlyMap<string, LaneService>,
  name: GateId | string | undefined,
  direction: Exclude<Direction, 'reversible'> | null,
): LaneService {
  const fits = (lane: LaneService): boolean =>
    direction === null || lane.description.direction === direction || lane.description.direction === 'reversible';
  if (name !== undefined) {
    const lane = lanes.get(name);
    if (lane === undefined) throw new Refusal('unknown_gate', 'This gateway has no such lane', { gate_id: name });
    if (!fits(lane)) throw new Refusal('wrong_direction', 'The lane leads the other way', { gate_id: name });
    return lane;
  }
  const fitting = [...lanes.values()].filter(fits);
  const [only] = fitting;
  if (only === undefined) throw new Refusal('unknown_gate', 'This gateway has no lane for that');
  const gates = fitting.map((lane) => lane.description.gate_id);
  if (fitting.length > 1) throw new Refusal('gate_ambiguous', 'Several lanes fit: name one in gate_id', { gates });
  return only;
}
