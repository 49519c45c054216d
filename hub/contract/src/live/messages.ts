import * as z from 'zod/mini';
import {
  Capacity,
  CaptureResult,
  EntryRequest,
  EntryResult,
  EventView,
  ExitRequest,
  ExitResult,
  GateControlRequest,
  GateControlResult,
  SessionView,
  SystemStatus,
} from '../api/shapes.js';
import { GateId } from '../ids.js';
import { LaneSnapshot } from '../link/live.js';

/** Set by the sender of a request and repeated in its answer or error, so that many may be under way at once. */
const Id = z.optional(z.string().check(z.maxLength(64)));

const message = <T extends string, P extends z.ZodMiniType>(type: T, payload: P) =>
  z.object({ type: z.literal(type), id: Id, payload });

/** Operator (or integrator) to hub, on `/ws`. */
export const ClientMessage = z.discriminatedUnion('type', [
  message('parking_entry', EntryRequest),
  message('parking_exit', ExitRequest),
  message('gate_control', z.extend(GateControlRequest, { gate_id: GateId })),
  message('camera_control', z.object({ gate_id: GateId, action: z.enum(['capture', 'watch']) })),
  message('request_system_status', z.optional(z.object({}))),
  message('ping', z.optional(z.object({ sent: z.optional(z.number()) }))),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

const GateEvent = z.object({ event: z.string(), gate: z.string(), result: EventView });

/** Hub to operator. The first message after the upgrade is a `system_status`. */
export const ServerMessage = z.discriminatedUnion('type', [
  message('system_status', SystemStatus),
  /** A lane's latest state, as it arrives. */
  message('hardware_status', z.object({ gate_id: GateId, lane: LaneSnapshot, online: z.boolean() })),
  message('parking_event', z.object({ event: z.enum(['entry', 'exit']), gate: z.string(), result: SessionView })),
  message('gate_in_event', GateEvent),
  message('gate_out_event', GateEvent),
  /** An event of a lane of any other name. */
  message('gate_event', GateEvent),
  /** A session that changed, whole. */
  message('session', SessionView),
  message('parking_entry_result', EntryResult),
  message('parking_exit_result', ExitResult),
  message('gate_control_result', GateControlResult),
  message('parking_capacity', Capacity),
  message('image_captured', CaptureResult),
  message('error', z.object({ code: z.string(), detail: z.string() })),
  message('pong', z.object({ sent: z.optional(z.number()), time: z.int() })),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
