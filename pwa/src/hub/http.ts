import type { Problem, ProblemCode } from '@palang/contract/api/problem';
import type { hubRoutes } from '@palang/contract/api/routes';
import { CodedError } from '@palang/contract/errors';
import type { input, output, ZodMiniType } from 'zod/mini';

type Routes = typeof hubRoutes;
type Input<N extends keyof Routes> = Routes[N]['input'] extends ZodMiniType ? input<Routes[N]['input']> : undefined;
type Output<N extends keyof Routes> = Routes[N]['output'] extends ZodMiniType ? output<Routes[N]['output']> : null;

/** What the hub answers, and what can go wrong before it does: `unreachable` (no connection) and `no_answer` (timed out). */
export type HttpCode = ProblemCode | 'unreachable' | 'no_answer' | 'bad_answer';

/** The hub waits 10 s at most for itself; anything longer is the network. */
const PATIENCE = 12_000;

/**
 * Asks one route of the hub. Method and path are written here again as `METHOD /path`, checked against the contract's types, because
 * importing the list of routes would bring every schema into the page.
 * @throws CodedError with the hub's code, or one of HttpCode's own.
 */
export async function ask<N extends keyof Routes>(
  _route: N,
  method: Routes[N]['method'],
  path: string,
  body?: Input<N>,
  patience = PATIENCE,
): Promise<Output<N>> {
  const response = await send(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  if (response.status === 204) return null as Output<N>;
  return (await json(response)) as Output<N>;
}

/** The newest frame of a lane with its age in ms when it left the hub. */
export async function frame(gate: string): Promise<{ picture: Blob; age: number }> {
  const response = await send(`/api/camera/frame/${gate}`, {
    signal: AbortSignal.timeout(PATIENCE),
    cache: 'no-store',
  });
  const age = Number(response.headers.get('x-frame-age') ?? 0);
  return { picture: await response.blob(), age: Number.isFinite(age) ? age : 0 };
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (error) {
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new CodedError<HttpCode>(late ? 'no_answer' : 'unreachable', String(error), { path });
  }
  if (response.ok) return response;
  throw await problem(response);
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    throw new CodedError<HttpCode>('bad_answer', String(error), { url: response.url });
  }
}

/** A proxy in between may answer something that is no problem document: only the status is left to tell. */
async function problem(response: Response): Promise<CodedError<string>> {
  const body = (await response.json().catch(() => null)) as Partial<Problem> | null;
  if (typeof body?.code === 'string') return new CodedError(body.code, body.detail ?? body.code, body.context ?? {});
  const gone = response.status === 502 || response.status === 503 || response.status === 504;
  return new CodedError<HttpCode>(gone ? 'unreachable' : 'bad_answer', `HTTP ${response.status}`, {});
}
