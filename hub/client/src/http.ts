import type { Problem } from '@palang/contract/api/problem';
import { CodedError } from '@palang/contract/errors';
import { type Answer, addresses, type Request, type RouteName } from './routes.js';

export interface HttpOptions {
  /** For example `http://hub.local:8000`; empty in a page that the hub serves. */
  readonly baseUrl: string;
  /** An API key; a page has its cookie instead. */
  readonly apiKey?: string;
  readonly fetch?: typeof fetch;
  /** ms until a call is given up; what it asked for may still happen. */
  readonly timeout?: number;
}

/** An answer of the hub other than success. `code` is the problem's, `detail` its context; `status` is 0 when no answer came. */
export class HubError extends CodedError {
  readonly status: number;
  readonly retryable: boolean;
  readonly requestId: string | null;

  constructor(code: string, message: string, problem: Partial<Problem> = {}) {
    super(code, message, problem.context ?? {});
    this.name = 'HubError';
    this.status = problem.status ?? 0;
    this.retryable = problem.retryable ?? false;
    this.requestId = problem.request_id ?? null;
  }
}

export type Call = <N extends RouteName>(
  name: N,
  ...request: Record<never, never> extends Request<N> ? [Request<N>?] : [Request<N>]
) => Promise<Answer<N>>;

/**
 * Calls routes by name. A call throws HubError: the problem's code, `unreachable` when no answer came, `bad_answer` when it is not the hub's.
 */
export function createCall({ baseUrl, apiKey, fetch: send = fetch, timeout = 15_000 }: HttpOptions): Call {
  return async (name, ...[request]) => {
    const [method = 'GET', path = '/'] = addresses[name].split(' ');
    const { params, query, input } = (request ?? {}) as Loose;
    const filled = path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(params?.[key] ?? ''));
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) search.set(key, String(value));
    const headers: Record<string, string> = {};
    if (apiKey !== undefined) headers.authorization = `Bearer ${apiKey}`;
    if (input !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    try {
      response = await send(`${baseUrl}${filled}${search.size === 0 ? '' : `?${search}`}`, {
        method,
        headers,
        signal: AbortSignal.timeout(timeout),
        ...(input === undefined ? {} : { body: JSON.stringify(input) }),
      });
    } catch (error) {
      throw new HubError('unreachable', `The hub did not answer: ${String(error)}`, { retryable: true });
    }
    return (await read(response)) as Answer<typeof name>;
  };
}

interface Loose {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly input?: unknown;
}

async function read(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && !type.startsWith('application/json')) return response;
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  // `/readyz` answers 503 with its ordinary body.
  if (response.status === 503 && problem.code === undefined && body !== undefined) return body;
  const code = problem.code ?? 'bad_answer';
  throw new HubError(code, problem.detail ?? `The hub answered ${response.status}`, {
    ...problem,
    status: response.status,
  });
}
