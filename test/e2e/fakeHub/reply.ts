import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProblemCode, problemStatus } from '@palang/contract/api/problem';

/** One HTTP answer, whole. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** The built app. */
export const PWA = fileURLToPath(new URL('../../../../pwa/dist', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
/** As strict as the hub's own, so that what it would refuse fails here too. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; worker-src 'self'; object-src 'none'; base-uri 'self'";

export function json(status: number, body: unknown): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function problem(code: ProblemCode): Reply {
  const status = problemStatus[code];
  const body = { type: 'about:blank', title: code, status, code, detail: code, retryable: false, request_id: 'r' };
  return json(status, body);
}

/** A file of the app; any path without an extension is the app itself. */
export async function file(path: string): Promise<Reply> {
  const name = extname(path) === '' ? '/index.html' : normalize(path);
  try {
    const body = await readFile(join(PWA, name));
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    const headers = { 'content-type': type, 'cache-control': 'no-cache', 'content-security-policy': POLICY };
    return { status: 200, headers, body };
  } catch {
    return problem('not_found');
  }
}

export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString() || '{}') as Record<string, unknown>;
}
