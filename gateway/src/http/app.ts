import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { gatewayRoutes } from '@palang/contract/api/routes';
import type { Random, Sha256 } from '@palang/contract/clock';
import type { ApiKey } from '@palang/contract/link/replica';
import Koa from 'koa';
import * as z from 'zod/mini';
import type { Log } from '../health/log.js';
import type { Handlers, RouteName } from './handlers.js';
import { problemOf, Refusal } from './problem.js';

export interface AppDependencies {
  readonly handlers: Handlers;
  readonly random: Random;
  readonly sha256: Sha256;
  readonly log: Log;
  /** From the replica: the key of this hash, if the hub knows it. */
  apiKeyByHash(hash: string): ApiKey | undefined;
}

const BODY_LIMIT = '256kb';

const readBody = bodyParser({
  enableTypes: ['json'],
  jsonLimit: BODY_LIMIT,
  onError: (error) => {
    const tooLarge = 'type' in error && error.type === 'entity.too.large';
    if (tooLarge) throw new Refusal('body_too_large', `The body is larger than ${BODY_LIMIT}`);
    throw new Refusal('bad_body', 'The body is not JSON');
  },
});

interface State {
  requestId: string;
}
type Context = Koa.ParameterizedContext<State>;

/** The gateway's own HTTP surface: every route of the contract, by API key, with problem details for everything that is refused. */
export function createApp(deps: AppDependencies): Koa<State> {
  const app = new Koa<State>();
  const router = new Router<State>();
  router.get('/healthz', (context) => {
    context.body = { status: 'ok' };
  });
  for (const name of Object.keys(gatewayRoutes) as RouteName[]) {
    const route = gatewayRoutes[name];
    router.register(route.path, [route.method], async (context: Context) => {
      const actor = authorise(deps, context, route.permission);
      // After that: what a stranger sends is not even read.
      if (route.input !== null) await readBody(context, async () => undefined);
      const handler = deps.handlers[name] as (input: unknown, actor: string) => ReturnType<Handlers[RouteName]>;
      const answer = await handler(route.input === null ? null : validInput(context, route.input), actor);
      context.status = answer.status;
      context.body = validOutput(name, route.output, answer.body);
    });
  }
  app.use((context, next) => answerProblems(deps, context, next));
  app.use(router.routes());
  app.use((context) => {
    const known = Object.values(gatewayRoutes).some((route) => route.path === context.path);
    if (known) throw new Refusal('method_not_allowed', 'Not this way');
    throw new Refusal('not_found', 'There is nothing here');
  });
  return app;
}

async function answerProblems(deps: AppDependencies, context: Context, next: Koa.Next): Promise<void> {
  const requestId = deps.random.hex(8);
  context.state.requestId = requestId;
  context.set({ 'X-Request-Id': requestId, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' });
  try {
    await next();
  } catch (error) {
    const problem = problemOf(error, requestId);
    if (problem.code === 'internal') deps.log.error('A request failed', { request: requestId, error });
    context.status = problem.status;
    context.body = problem;
    context.type = 'application/problem+json';
  }
  deps.log.debug('HTTP', { request: requestId, method: context.method, path: context.path, status: context.status });
}

/** @returns who asks, for the record. */
function authorise(deps: AppDependencies, context: Context, permission: string): string {
  const [scheme, secret] = context.get('authorization').split(' ', 2);
  const key = scheme?.toLowerCase() === 'bearer' && secret ? deps.apiKeyByHash(deps.sha256(secret)) : undefined;
  if (key === undefined) {
    context.set('WWW-Authenticate', 'Bearer');
    throw new Refusal('unauthenticated', 'An API key is needed: Authorization: Bearer <key>');
  }
  if (!key.permissions.includes(permission)) throw new Refusal('forbidden', `The key lacks ${permission}`);
  return `key:${key.id}`;
}

function validInput(context: Context, schema: z.ZodMiniType): unknown {
  const { body } = context.request;
  if (body === undefined || (context.request.length ?? 0) === 0) throw new Refusal('bad_body', 'A JSON body is needed');
  if (!context.is('json')) throw new Refusal('unsupported_media_type', 'The body must be application/json');
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal('bad_request', 'The body does not fit', { issues: z.flattenError(parsed.error) });
}

/** What we answer is checked like what we are asked: a lane that tells too little is our error, not the caller's. */
function validOutput(name: string, schema: z.ZodMiniType, body: unknown): unknown {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Error(`The answer of ${name} does not fit: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
