import Router from '@koa/router';
import { hubRoutes, type Route } from '@palang/contract/api/routes';
import type { Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Context } from 'koa';
import * as z from 'zod/mini';
import type { Authenticator } from '../access/authenticate.js';
import { cookieName } from '../access/authenticate.js';
import { actorOf, mustBeAbleTo, type Principal } from '../access/principal.js';
import { SESSION_LIFE } from '../access/webSessions.js';
import { readJson } from './body.js';
import { refuseForeign } from './security.js';

type Routes = typeof hubRoutes;
export type RouteName = keyof Routes;

type Checked<Schema> = Schema extends z.ZodMiniType ? z.output<Schema> : undefined;
type Query<R> = R extends { readonly query: infer Schema } ? Checked<Schema> : undefined;
type Parameter<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Parameter<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
type PrincipalFor<Permission> = Permission extends null | 'gateway' ? null : Principal;

/** A request whose sender, rights and values have been checked. */
export interface Call<N extends RouteName> {
  readonly input: Checked<Routes[N]['input']>;
  readonly query: Query<Routes[N]>;
  readonly params: Readonly<Record<Parameter<Routes[N]['path']>, string>>;
  readonly principal: PrincipalFor<Routes[N]['permission']>;
  /** For records; the address of the sender when nobody is signed in. */
  readonly actor: string;
  readonly token: string | null;
  readonly requestId: string;
  readonly ctx: Context;
}

/** What a route does; what it returns is checked against the route's output. A route without JSON writes to `ctx` itself. */
export type Handler<N extends RouteName> = (call: Call<N>) => Promise<Checked<Routes[N]['output']>>;
export type Handlers = { readonly [N in RouteName]: Handler<N> };

export interface RouterOptions {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** ms for a handler. */
  readonly timeout: number;
  readonly simulation: boolean;
}

/** Registers every route of the contract. Order of checks: origin, sender, permission, values; then the handler runs. */
export function createRouter(handlers: Handlers, options: RouterOptions): Router {
  const router = new Router();
  for (const name of Object.keys(hubRoutes) as RouteName[]) {
    if (hubRoutes[name].permission === 'simulation' && !options.simulation) continue;
    const route: Route = hubRoutes[name];
    // The table's type ties each handler to its own route; a loop over it cannot express that.
    const handler = handlers[name] as unknown as (call: Call<RouteName>) => Promise<unknown>;
    router.register(route.path, [route.method], async (ctx: Context) => serve(route, handler, ctx, options));
  }
  return router;
}

async function serve(
  route: Route,
  handler: (call: Call<RouteName>) => Promise<unknown>,
  ctx: Context,
  options: RouterOptions,
): Promise<void> {
  refuseForeign(ctx.method, ctx.req.headers);
  const sender = await authorise(route, ctx, options.authenticator);
  const call = {
    input: route.input === null ? undefined : check(route.input, await readJson(ctx.req), 'bad_body'),
    query: route.query === undefined ? undefined : check(route.query, ctx.query, 'bad_request'),
    params: ctx.params as Record<string, string>,
    principal: sender?.principal ?? null,
    actor: sender === null ? `address:${ctx.ip}` : actorOf(sender.principal),
    token: sender?.token ?? null,
    requestId: ctx.requestId as string,
    ctx,
  } as unknown as Call<RouteName>;
  const body = await within(options.timeout, options.clock, handler(call));
  if (route.output === null) return;
  // Output is checked too: what the contract does not name never leaves.
  ctx.body = z.parse(route.output, body);
  ctx.set('Cache-Control', 'no-store');
}

/** Denies by default: without a permission in the contract there is nobody who may. */
async function authorise(route: Route, ctx: Context, authenticator: Authenticator) {
  const { permission } = route;
  if (permission === null || permission === 'gateway') return null;
  const sender = await authenticator.identify({ headers: ctx.req.headers, secure: ctx.secure, ip: ctx.ip });
  if (sender === null) throw new CodedError('unauthenticated', 'Sign in, or send an API key');
  if (sender.prolonged && sender.token !== null) setSessionCookie(ctx, sender.token);
  if (permission !== 'signed_in') mustBeAbleTo(sender.principal, permission);
  return sender;
}

/** `null` removes it. */
export function setSessionCookie(ctx: Context, token: string | null): void {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${token === null ? 0 : SESSION_LIFE / 1_000}`];
  if (ctx.secure) attributes.push('Secure');
  ctx.append('Set-Cookie', `${cookieName(ctx.secure)}=${token ?? ''}; ${attributes.join('; ')}`);
}

function check(schema: z.ZodMiniType, value: unknown, code: 'bad_body' | 'bad_request'): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new CodedError(code, 'Some values are missing or wrong', { issues });
}

/** @throws CodedError `not_ready` when the work takes longer. The work itself goes on; what it did is in the audit log. */
async function within<Result>(timeout: number, clock: Clock, work: Promise<Result>): Promise<Result> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(timeout, () => reject(new CodedError('not_ready', 'The hub could not answer in time')));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
