import * as z from 'zod/mini';
import type { Permission } from '../access/permissions.js';
import * as shape from './shapes.js';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Koa-style path; `:gate_id` and the like are parameters. */
  readonly path: string;
  /** null = open to everyone (sign-in, set-up, health). `gateway` = the link's own upload token. */
  readonly permission: Permission | 'signed_in' | 'gateway' | null;
  readonly input: z.ZodMiniType | null;
  readonly query?: z.ZodMiniType;
  /** null = not JSON (a picture, a stream) or no content. */
  readonly output: z.ZodMiniType | null;
  readonly summary: string;
}

const route = <const R extends Route>(definition: R): R => definition;

const Limit = z.pipe(z.coerce.number(), z.int().check(z.positive(), z.maximum(500)));
const Page = z.object({
  after: z.optional(z.pipe(z.coerce.number(), z.int().check(z.nonnegative()))),
  limit: z.optional(Limit),
});

/** The hub's HTTP surface. The server, the client and the documentation are made from this list. */
export const hubRoutes = {
  setupState: route({
    method: 'GET',
    path: '/api/setup',
    permission: null,
    input: null,
    output: z.object({ needed: z.boolean() }),
    summary: 'Whether the first administrator is still to be made',
  }),
  setup: route({
    method: 'POST',
    path: '/api/setup',
    permission: null,
    input: shape.Setup,
    output: shape.Me,
    summary: 'Makes the first administrator with the one-time code that the hub printed, and signs in',
  }),
  signIn: route({
    method: 'POST',
    path: '/api/session',
    permission: null,
    input: shape.Credentials,
    output: shape.Me,
    summary: 'Signs in and sets the session cookie',
  }),
  signOut: route({
    method: 'DELETE',
    path: '/api/session',
    permission: 'signed_in',
    input: null,
    output: null,
    summary: 'Ends this session',
  }),
  me: route({
    method: 'GET',
    path: '/api/session',
    permission: 'signed_in',
    input: null,
    output: shape.Me,
    summary: 'Who is signed in and what they may do',
  }),
  status: route({
    method: 'GET',
    path: '/api/status',
    permission: 'status:read',
    input: null,
    output: shape.SystemStatus,
    summary: 'The hub, every lane and the active sessions',
  }),
  capacity: route({
    method: 'GET',
    path: '/api/parking/capacity',
    permission: 'status:read',
    input: null,
    output: shape.Capacity,
    summary: 'Places, and how many are free',
  }),
  entry: route({
    method: 'POST',
    path: '/api/parking/entry',
    permission: 'sessions:write',
    input: shape.EntryRequest,
    output: shape.EntryResult,
    summary: 'Presents a card at an entry lane; answers once the decision is recorded',
  }),
  exit: route({
    method: 'POST',
    path: '/api/parking/exit',
    permission: 'sessions:write',
    input: shape.ExitRequest,
    output: shape.ExitResult,
    summary: 'Presents a card at an exit lane: 200 when settled, 202 with the quote while payment is awaited',
  }),
  sessions: route({
    method: 'GET',
    path: '/api/sessions',
    permission: 'sessions:read',
    input: null,
    query: z.object({
      state: z.optional(z.enum(['open', 'closed', 'all'])),
      limit: z.optional(Limit),
    }),
    output: z.array(shape.SessionView),
    summary: 'Sessions with their running or final fee, newest first',
  }),
  gateControl: route({
    method: 'POST',
    path: '/api/gate/control/:gate_id',
    permission: 'gate:control',
    input: shape.GateControlRequest,
    output: shape.GateControlResult,
    summary: 'Opens for one passage, closes, holds, releases, takes out of or back into service',
  }),
  capture: route({
    method: 'POST',
    path: '/api/camera/capture/:gate_id',
    permission: 'camera:capture',
    input: null,
    output: shape.CaptureResult,
    summary: 'Takes a fresh picture, or fails',
  }),
  frame: route({
    method: 'GET',
    path: '/api/camera/frame/:gate_id',
    permission: 'camera:read',
    input: null,
    output: null,
    summary: 'The newest frame of a lane as JPEG, with its age in ms in the header X-Frame-Age',
  }),
  photo: route({
    method: 'GET',
    path: '/api/photos/:digest',
    permission: 'sessions:read',
    input: null,
    output: null,
    summary: 'A stored photo',
  }),
  putPhoto: route({
    method: 'PUT',
    path: '/api/photos/:digest',
    permission: 'gateway',
    input: null,
    output: null,
    summary: 'Stores a photo under its sha256; 204 also when it is there already',
  }),
  events: route({
    method: 'GET',
    path: '/api/events',
    permission: 'events:read',
    input: null,
    query: Page,
    output: z.array(shape.EventView),
    summary: 'The event feed in the order the hub stored it; without `after`, the newest',
  }),
  audit: route({
    method: 'GET',
    path: '/api/audit',
    permission: 'audit:read',
    input: null,
    query: Page,
    output: z.object({ verified: z.boolean(), broken_at: z.nullable(z.int()), entries: z.array(shape.AuditEntry) }),
    summary: 'Privileged acts, newest first, and whether their hash chain verifies',
  }),
  pairingCode: route({
    method: 'POST',
    path: '/api/gateways/pairing',
    permission: 'gateways:manage',
    input: shape.PairingCodeRequest,
    output: z.object({ code: z.string(), expires_at: z.int() }),
    summary: 'A one-time code with which one gateway can pair, valid 15 minutes',
  }),
  pair: route({
    method: 'POST',
    path: '/api/gateways/pair',
    permission: null,
    input: shape.PairRequest,
    output: shape.PairResult,
    summary: 'A gateway hands over its public key with a pairing code',
  }),
  createKey: route({
    method: 'POST',
    path: '/api/keys',
    permission: 'keys:manage',
    input: shape.NewApiKey,
    output: shape.CreatedApiKey,
    summary: 'Makes an API key',
  }),
  revokeKey: route({
    method: 'DELETE',
    path: '/api/keys/:id',
    permission: 'keys:manage',
    input: null,
    output: null,
    summary: 'Revokes an API key',
  }),
  simulateVehicle: route({
    method: 'POST',
    path: '/api/simulation/:gate_id/vehicle',
    permission: 'simulation',
    input: shape.SimulatedVehicle,
    output: z.object({ vehicle_id: z.string(), gate_id: z.string() }),
    summary:
      'Simulation only: sends a vehicle to a lane; it drives up, presents its card, pays and leaves like a real one',
  }),
  health: route({
    method: 'GET',
    path: '/healthz',
    permission: null,
    input: null,
    output: z.object({ status: z.literal('ok') }),
    summary: 'The process is alive',
  }),
  ready: route({
    method: 'GET',
    path: '/readyz',
    permission: null,
    input: null,
    output: z.object({ ready: z.boolean(), reasons: z.array(z.string()) }),
    summary: 'The hub can do its work; 503 with the reasons when not',
  }),
} as const;

/** A gateway's own HTTP surface, for technicians and local systems. API keys are checked against the replica. */
export const gatewayRoutes = {
  status: route({
    method: 'GET',
    path: '/api/status',
    permission: 'status:read',
    input: null,
    output: z.object({ gateway: z.string(), stand_alone: z.boolean(), gates: z.record(z.string(), shape.GateView) }),
    summary: 'This gateway and its lanes',
  }),
  entry: route({
    method: 'POST',
    path: '/api/parking/entry',
    permission: 'sessions:write',
    input: shape.EntryRequest,
    output: shape.EntryResult,
    summary: 'Presents a card at this entry lane',
  }),
  exit: route({
    method: 'POST',
    path: '/api/parking/exit',
    permission: 'sessions:write',
    input: shape.ExitRequest,
    output: shape.ExitResult,
    summary: 'Presents a card at this exit lane',
  }),
  gateControl: route({
    method: 'POST',
    path: '/api/gate/control',
    permission: 'gate:control',
    input: z.extend(shape.GateControlRequest, { gate_id: z.optional(z.string()) }),
    output: shape.GateControlResult,
    summary: "As the hub's, for a lane of this gateway",
  }),
  cameraControl: route({
    method: 'POST',
    path: '/api/camera/control',
    permission: 'camera:capture',
    input: z.object({ action: z.literal('capture'), gate_id: z.optional(z.string()) }),
    output: shape.CaptureResult,
    summary: 'Takes a picture here',
  }),
} as const;
