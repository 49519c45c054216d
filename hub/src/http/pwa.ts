import { CodedError } from '@palang/contract/errors';
import type { Middleware } from 'koa';
import serveStatic from 'koa-static';

const SERVER_PATHS = /^\/(api|ws|link|healthz|readyz)(\/|$)/;
/** Vite puts a content hash into the names of what lies here. */
const HASHED = /\/assets\/[^/]+-[\w-]{8,}\.\w+$/;

/**
 * Serves the built PWA. Hashed files never change; the page, the service worker and the manifest are asked for anew each time, so that an
 * update arrives. Any other page address is the application's own and gets the page.
 */
export function pwa(folder: string): Middleware {
  const files = serveStatic(folder, {
    index: 'index.html',
    brotli: true,
    gzip: true,
    setHeaders(response, path) {
      const plain = path.replace(/\.(br|gz)$/, '');
      const policy = HASHED.test(plain) ? 'public, max-age=31536000, immutable' : 'no-cache';
      response.setHeader('Cache-Control', policy);
    },
  });
  return async (ctx, next) => {
    if (SERVER_PATHS.test(ctx.path) || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    await files(ctx, async () => {});
    if (ctx.status !== 404) return;
    if (/\.\w+$/.test(ctx.path)) throw new CodedError('not_found', `There is no file ${ctx.path}`);
    const asked = ctx.path;
    ctx.path = '/';
    await files(ctx, async () => {});
    ctx.path = asked;
    if (ctx.status === 404) {
      ctx.status = 404;
      ctx.type = 'text/plain';
      ctx.body = 'The operator page is not built. Build it with: npm run build\nThe API is under /api.\n';
    }
  };
}
