import type {
  CaptureResult,
  EntryRequest,
  EntryResult,
  ExitRequest,
  ExitResult,
  GateControlRequest,
  GateControlResult,
} from '@palang/contract/api/shapes';
import type { Clock } from '@palang/contract/clock';
import { CredentialValue } from '@palang/contract/credential';
import { CodedError } from '@palang/contract/errors';
import { Digest, type GateId, SessionId } from '@palang/contract/ids';
import type { Order } from '@palang/contract/link/commands';
import { normalisePlate } from '@palang/contract/plate';
import { Quote } from '@palang/contract/tariff/price';
import * as z from 'zod';
import type { Audit } from '../audit/audit.js';
import type { CommandOutcome, Ledger, LinkServer, Reference } from '../link/ports.js';
import type { Simulation } from '../simulation/simulation.js';
import { chooseLane, knownLane } from './chooseLane.js';
import { mustBe } from './outcomes.js';

/** On whose behalf, for the audit log and the lane's own record. */
export interface By {
  readonly actor: string;
  readonly requestId: string;
}

/** What people and programs ask of lanes, over HTTP and over the operator socket alike. Each act is audited and then sent at once or not at all. */
export interface Gates {
  entry(request: z.infer<typeof EntryRequest>, by: By): Promise<EntryResult>;
  exit(request: z.infer<typeof ExitRequest>, by: By): Promise<ExitResult>;
  control(gate: string, request: z.infer<typeof GateControlRequest>, by: By): Promise<GateControlResult>;
  capture(gate: string, by: By): Promise<CaptureResult>;
}

export interface GatesOptions {
  readonly link: LinkServer;
  readonly ledger: Ledger;
  readonly reference: Reference;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Null unless this hub simulates. */
  readonly simulation: Simulation | null;
}

const EntryDetail = z.object({ session: SessionId });
const ExitDetail = z.object({ session: SessionId, quote: Quote });
const CaptureDetail = z.object({ digest: Digest, taken_at: z.number().optional() });

/** A lane holds an opening for at least this long unless told otherwise, s. */
const DEFAULT_OPEN = 10;

export function createGates({ link, ledger, reference, audit, clock, simulation }: GatesOptions): Gates {
  const { directory } = link;

  function send(gate: GateId, order: Order, by: By, reason = ''): Promise<CommandOutcome> {
    return link.command(gate, order, { actor: by.actor, reason });
  }

  /** In simulation the card is made when it is unknown, and a car is brought. */
  async function simulatedEntry(
    world: Simulation,
    label: string,
    plate: string | null,
    gate: GateId,
    ask: (credential: string) => Promise<CommandOutcome>,
  ): Promise<CommandOutcome> {
    const vehicleClass = directory.lane(gate)?.lane.vehicle_classes[0] ?? 'car';
    const card = await world.card(label, { plate, vehicleClass }, gate);
    const vehicle = { gate, plate: plate ?? card.plate ?? label, vehicleClass: card.vehicle_class };
    return world.withVehicle(vehicle, () => ask(card.credential));
  }

  async function simulatedExit(
    world: Simulation,
    label: string,
    credential: string,
    gate: GateId,
    ask: () => Promise<CommandOutcome>,
  ): Promise<CommandOutcome> {
    const [open] = await ledger.openSessionsOf({ credential, card: label });
    const vehicleClass = open?.session.entry?.vehicle_class ?? 'car';
    return world.withVehicle({ gate, plate: open?.plate ?? label, vehicleClass }, ask);
  }

  async function entry(request: z.infer<typeof EntryRequest>, gate: GateId, by: By): Promise<EntryResult> {
    const plate = request.license_plate === undefined ? null : normalisePlate(request.license_plate);
    const ask = async (credential: string) =>
      mustBe(['approved', 'accepted'], await send(gate, { op: 'entry', credential, plate }, by));
    const outcome =
      simulation === null
        ? await ask(await credentialOf(request.card_id, reference))
        : await simulatedEntry(simulation, request.card_id, plate, gate, ask);
    const { session } = understand(EntryDetail, outcome);
    return { status: 'approved', gate_id: gate, session, card_id: request.card_id };
  }

  async function exit(request: z.infer<typeof ExitRequest>, gate: GateId, by: By): Promise<ExitResult> {
    const credential = await credentialOf(request.card_id, reference);
    const ask = async () => {
      const order = { op: 'exit', credential, method: request.payment_method } as const;
      return mustBe(['settled', 'awaiting_payment', 'accepted'], await send(gate, order, by));
    };
    const outcome =
      simulation === null ? await ask() : await simulatedExit(simulation, request.card_id, credential, gate, ask);
    if (outcome.outcome === 'awaiting_payment' && outcome.detail.quote === undefined) {
      // The lane is still finding out whether an earlier charge was paid; what it finds is told by its events.
      throw new CodedError('gateway_timeout', 'The lane has not decided in time', { gate_id: gate });
    }
    const { session, quote } = understand(ExitDetail, outcome);
    const status = outcome.outcome === 'awaiting_payment' ? 'awaiting_payment' : 'settled';
    return { status, gate_id: gate, session, card_id: request.card_id, quote };
  }

  return {
    entry(request, by) {
      const gate = chooseLane(directory, request.gate_id, 'in');
      const act = { ...by, action: 'parking.entry', target: `${gate} ${request.card_id}` };
      return audit.carryOut(act, () => entry(request, gate, by));
    },

    exit(request, by) {
      const gate = chooseLane(directory, request.gate_id, 'out');
      const act = { ...by, action: 'parking.exit', target: `${gate} ${request.card_id} ${request.payment_method}` };
      return audit.carryOut(act, () => exit(request, gate, by));
    },

    async control(name, { action, duration = DEFAULT_OPEN, reason = '' }, by) {
      const gate = knownLane(directory, name);
      const act = { ...by, action: `gate.${action}`, target: gate, reason };
      return audit.carryOut(act, async () => {
        const order = { op: 'gate', action, duration: Math.round(duration * 1_000) } as const;
        const { id } = mustBe(['accepted'], await send(gate, order, by, reason));
        return { gate_id: gate, action, status: 'accepted', command: id };
      });
    },

    async capture(name, by) {
      const gate = knownLane(directory, name);
      return audit.carryOut({ ...by, action: 'camera.capture', target: gate }, async () => {
        const outcome = mustBe(['captured', 'accepted'], await send(gate, { op: 'capture' }, by));
        const { digest, taken_at = clock.wall() } = understand(CaptureDetail, outcome);
        return { gate_id: gate, digest, url: `/api/photos/${digest}`, taken_at: Math.round(taken_at) };
      });
    },
  };
}

/** A card known only by its label is still a credential: whether it is admitted is the lane's decision. */
async function credentialOf(label: string, reference: Reference): Promise<string> {
  return (await reference.card(label))?.credential ?? CredentialValue.parse(`label:${label}`);
}

/** @throws CodedError `gateway_refused` for an answer of another build that lacks what ours must have. */
function understand<Schema extends z.core.$ZodType>(schema: Schema, outcome: CommandOutcome): z.output<Schema> {
  const parsed = z.safeParse(schema, outcome.detail);
  if (parsed.success) return parsed.data;
  throw new CodedError('gateway_refused', 'The gateway answered in a way that this hub does not understand', {
    outcome: outcome.outcome,
    issues: z.prettifyError(parsed.error),
  });
}
