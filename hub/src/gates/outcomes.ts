import { CodedError } from '@palang/contract/errors';
import { CommandRefusal } from '@palang/contract/link/commands';
import { isProblemCode } from '../http/problem.js';
import type { CommandOutcome } from '../link/ports.js';

/** @throws CodedError with the lane's own code, or `gateway_refused` when the gateway did not accept the command itself. */
export function mustBe(expected: readonly string[], outcome: CommandOutcome): CommandOutcome {
  if (expected.includes(outcome.outcome)) return outcome;
  if (CommandRefusal.safeParse(outcome.outcome).success || !isProblemCode(outcome.outcome)) {
    throw new CodedError('gateway_refused', 'The gateway refused the command', {
      refusal: outcome.outcome,
      command: outcome.id,
    });
  }
  throw new CodedError(outcome.outcome, `The lane answered: ${outcome.outcome.replaceAll('_', ' ')}`, {
    ...outcome.detail,
  });
}
