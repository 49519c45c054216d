import { type Problem, type ProblemCode, problemStatus, retryableCodes } from '@palang/contract/api/problem';
import { CodedError } from '@palang/contract/errors';

/** An error with a code that the HTTP surface may answer. */
export class Refusal extends CodedError<ProblemCode> {}

/** A lane's or a command's code as a refusal; a code that is no public one is `gateway_refused`, with the code in the context. */
export function refusal(code: string, detail: Record<string, unknown> = {}): Refusal {
  if (Object.hasOwn(problemStatus, code)) return new Refusal(code as ProblemCode, code.replaceAll('_', ' '), detail);
  return new Refusal('gateway_refused', 'The lane refused', { ...detail, code });
}

/** RFC 9457. What is no refusal of ours is `internal`, and tells nothing about itself. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known =
    error instanceof Refusal
      ? error
      : new Refusal('internal', 'An internal error; the log has it under the request id');
  return {
    type: `urn:palang:problem:${known.code}`,
    title: known.code.replaceAll('_', ' '),
    status: problemStatus[known.code],
    code: known.code,
    detail: known.message,
    retryable: retryableCodes.has(known.code),
    request_id: requestId,
    ...(Object.keys(known.detail).length > 0 ? { context: { ...known.detail } } : {}),
  };
}
