import type { Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import Koa, { type Middleware } from 'koa';
import type { Log } from '../log.js';
import { toProblem } from './problem.js';
import { pwa } from './pwa.js';
import { createRouter, type Handlers, type RouterOptions } from './routes.js';
import { cors, securityHeaders } from './security.js';

export interface AppOptions extends RouterOptions {
  readonly handlers: Handlers;
  readonly random: Random;
  readonly log: Log;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: boolean;
  /** Folder of the built PWA; may not exist. */
  readonly pwaFolder: string;
}

/** The hub's HTTP application: the contract's routes and the PWA. */
export function createApp(options: AppOptions): Koa {
  // One proxy: only the last address of X-Forwarded-For was written by it, the others by whoever sent the request.
  const app = new Koa({ proxy: options.trustProxy, maxIpsCount: 1 });
  const router = createRouter(options.handlers, options);
  app.use(requestId(options.random));
  app.use(securityHeaders());
  app.use(problems(options.log));
  app.use(nothingHere);
  app.use(cors(options.corsOrigins));
  app.use(router.routes());
  app.use(
    router.allowedMethods({
      throw: true,
      methodNotAllowed: () => new CodedError('method_not_allowed', 'This address knows other methods'),
      notImplemented: () => new CodedError('method_not_allowed', 'This method is not known'),
    }),
  );
  app.use(pwa(options.pwaFolder));
  app.on('error', (error: unknown) => options.log.warn('a response could not be sent', { error }));
  return app;
}

const nothingHere: Middleware = async (ctx, next) => {
  await next();
  if (ctx.status === 404 && ctx.body == null) throw new CodedError('not_found', `There is nothing at ${ctx.path}`);
};

/** A client's own id is taken over, so that its log and ours can be laid side by side. */
function requestId(random: Random): Middleware {
  return (ctx, next) => {
    const given = ctx.get('x-request-id');
    ctx.requestId = /^[\w-]{8,64}$/.test(given) ? given : random.hex(8);
    ctx.set('X-Request-Id', ctx.requestId as string);
    return next();
  };
}

/** Turns whatever is thrown into problem details (RFC 9457). */
function problems(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const problem = toProblem(error, ctx.requestId as string);
      if (problem.status >= 500) {
        log.error('a request failed', { method: ctx.method, path: ctx.path, request_id: problem.request_id, error });
      }
      const wait = error instanceof CodedError ? error.detail.retry_after : undefined;
      if (typeof wait === 'number') ctx.set('Retry-After', String(wait));
      // A body that was not read to its end must not be taken for the next request.
      if (!ctx.req.complete) ctx.set('Connection', 'close');
      ctx.status = problem.status;
      ctx.body = JSON.stringify(problem);
      ctx.type = 'application/problem+json';
      ctx.set('Cache-Control', 'no-store');
    }
  };
}
