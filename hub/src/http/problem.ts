import { type Problem, type ProblemCode, problemStatus, retryableCodes } from '@palang/contract/api/problem';
import { CodedError } from '@palang/contract/errors';

/** Codes of the parts behind the routes, and what a client is told instead. */
const translations: Readonly<Record<string, ProblemCode>> = {
  bad_pairing_code: 'bad_credentials',
  bad_public_key: 'bad_body',
  bad_gateway_name: 'bad_body',
  photo_too_large: 'body_too_large',
  photo_digest_mismatch: 'bad_body',
  replica_timeout: 'gateway_timeout',
  database_busy: 'not_ready',
  database_lost: 'not_ready',
};

const titles: Partial<Record<ProblemCode, string>> = {
  internal: 'The hub made a mistake',
  gateway_offline: 'The gateway is not connected; nothing was sent',
  gateway_timeout: 'The gateway did not answer in time; the event feed tells what happened',
};

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemStatus, code);
}

/** The code a client is told for anything that was thrown; `internal` for what is no error of ours. */
export function problemCodeOf(error: unknown): ProblemCode {
  if (!(error instanceof CodedError)) return 'internal';
  if (isProblemCode(error.code)) return error.code;
  return translations[error.code] ?? 'internal';
}

/** An internal error tells the client its request id and nothing else; the log has the rest. */
export function toProblem(error: unknown, requestId: string): Problem {
  const code = problemCodeOf(error);
  const coded = error instanceof CodedError && code !== 'internal' ? error : null;
  const title = titles[code] ?? code.replaceAll('_', ' ');
  return {
    type: `urn:palang:problem:${code}`,
    title,
    status: problemStatus[code],
    code,
    detail: coded?.message ?? title,
    retryable: retryableCodes.has(code),
    request_id: requestId,
    ...(coded !== null && Object.keys(coded.detail).length > 0 ? { context: { ...coded.detail } } : {}),
  };
}
