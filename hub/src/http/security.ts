import type { IncomingHttpHeaders } from 'node:http';
import { CodedError } from '@palang/contract/errors';
import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Helmet with a policy of our own: pictures come from blobs too, live data over the same host's WebSocket. HSTS and
 * upgrade-insecure-requests are left out over plain http: there they would lock a browser out of a LAN hub.
 */
export function securityHeaders(): Middleware {
  const common = {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
  } as const;
  const plain = helmet({
    ...common,
    strictTransportSecurity: false,
    // Both are honoured in secure contexts only; elsewhere a browser logs them as an error.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
  const secure = helmet(common);
  return (ctx, next) => (ctx.secure ? secure(ctx, next) : plain(ctx, next));
}

/** Only configured origins may read answers from another page, and only with an API key: cookies never cross. */
export function cors(allowed: readonly string[]): Middleware {
  return async (ctx, next) => {
    const origin = ctx.get('origin');
    if (origin === '' || !allowed.includes(origin)) return next();
    ctx.vary('Origin');
    ctx.set('Access-Control-Allow-Origin', origin);
    ctx.set('Access-Control-Expose-Headers', 'X-Request-Id, X-Frame-Age, Retry-After');
    if (ctx.method !== 'OPTIONS' || ctx.get('access-control-request-method') === '') return next();
    ctx.set('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE');
    ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type, X-Request-Id');
    ctx.set('Access-Control-Max-Age', '600');
    ctx.status = 204;
  };
}

/**
 * Refuses what another site makes a browser send. A request with an API key is no browser's doing and passes; so is one that
 * tells no origin at all.
 * @throws CodedError `origin_refused`.
 */
export function refuseForeign(method: string, headers: IncomingHttpHeaders): void {
  if (!UNSAFE.has(method) || headers.authorization !== undefined) return;
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin' || site === 'none') return;
  if (site === undefined && isOwnOrigin(headers)) return;
  throw new CodedError('origin_refused', 'This request comes from another site');
}

/** Of a WebSocket upgrade: browsers always tell the origin and send the cookie along, whatever page asks. */
export function mayUpgradeFrom(headers: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  return isOwnOrigin(headers) || (headers.origin !== undefined && allowed.includes(headers.origin));
}

function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
