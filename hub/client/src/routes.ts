import type { hubRoutes } from '@palang/contract/api/routes';

export type Routes = typeof hubRoutes;
export type RouteName = keyof Routes;

type Addresses = { readonly [N in RouteName]: `${Routes[N]['method']} ${Routes[N]['path']}` };

/**
 * Method and path of each route. The contract's own list brings every schema along; this copy costs a browser a few hundred
 * bytes, and the type makes it a compile error to differ from the contract.
 */
export const addresses: Addresses = {
  setupState: 'GET /api/setup',
  setup: 'POST /api/setup',
  signIn: 'POST /api/session',
  signOut: 'DELETE /api/session',
  me: 'GET /api/session',
  status: 'GET /api/status',
  capacity: 'GET /api/parking/capacity',
  entry: 'POST /api/parking/entry',
  exit: 'POST /api/parking/exit',
  sessions: 'GET /api/sessions',
  gateControl: 'POST /api/gate/control/:gate_id',
  capture: 'POST /api/camera/capture/:gate_id',
  frame: 'GET /api/camera/frame/:gate_id',
  photo: 'GET /api/photos/:digest',
  putPhoto: 'PUT /api/photos/:digest',
  events: 'GET /api/events',
  audit: 'GET /api/audit',
  pairingCode: 'POST /api/gateways/pairing',
  pair: 'POST /api/gateways/pair',
  createKey: 'POST /api/keys',
  revokeKey: 'DELETE /api/keys/:id',
  simulateVehicle: 'POST /api/simulation/:gate_id/vehicle',
  health: 'GET /healthz',
  ready: 'GET /readyz',
};

type Sent<Schema> = Schema extends { readonly _zod: { readonly input: infer Value } } ? Value : never;
type Received<Schema> = Schema extends { readonly _zod: { readonly output: infer Value } } ? Value : never;

type Parameter<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Parameter<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

type Params<R extends { readonly path: string }> =
  Parameter<R['path']> extends never
    ? { readonly params?: never }
    : { readonly params: Readonly<Record<Parameter<R['path']>, string>> };
type Query<R> = R extends { readonly query: infer Schema }
  ? { readonly query?: Sent<Schema> }
  : { readonly query?: never };
type Input<R extends { readonly input: unknown }> = R['input'] extends null
  ? { readonly input?: never }
  : { readonly input: Sent<R['input']> };

/** What a call of the route takes: path parameters, query and body, each only where the route has it. */
export type Request<N extends RouteName> = Params<Routes[N]> & Query<Routes[N]> & Input<Routes[N]>;

/** What it answers; for a route that does not answer JSON (a picture, or nothing) the response itself. */
export type Answer<N extends RouteName> = Routes[N]['output'] extends null ? Response : Received<Routes[N]['output']>;
