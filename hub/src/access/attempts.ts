import { CodedError } from '@palang/contract/errors';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const WINDOW = 15 * 60;

export interface AttemptLimits {
  /** Failures of one name from one address within 15 minutes. */
  readonly perName?: number;
  /** Failures from one address within 15 minutes, whatever the name. */
  readonly perAddress?: number;
}

/** Slows down guessing. An attempt is counted before it is judged, so that guesses sent at the same time are counted too. */
export interface Attempts {
  /**
   * Runs `attempt` unless too many failed before; its success forgets the failures of that name.
   * @throws CodedError `too_many_requests` with `retry_after` (s) in the detail, and what `attempt` throws.
   */
  guard<Result>(kind: string, name: string, address: string, attempt: () => Promise<Result>): Promise<Result>;
}

export function createAttempts({ perName = 5, perAddress = 30 }: AttemptLimits = {}): Attempts {
  const names = new RateLimiterMemory({ keyPrefix: 'name', points: perName, duration: WINDOW });
  const addresses = new RateLimiterMemory({ keyPrefix: 'address', points: perAddress, duration: WINDOW });
  return {
    async guard(kind, name, address, attempt) {
      const network = networkOf(address);
      const nameKey = `${kind}|${name.trim().toLowerCase()}|${network}`;
      const addressKey = `${kind}|${network}`;
      await consume(addresses, addressKey);
      await consume(names, nameKey);
      const result = await attempt();
      await names.delete(nameKey);
      await addresses.reward(addressKey);
      return result;
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfter = Math.ceil(refusal.msBeforeNext / 1_000);
    throw new CodedError('too_many_requests', `Too many failed attempts; try again in ${retryAfter} s`, {
      retry_after: retryAfter,
    });
  }
}

/** The /64 of an IPv6 address: one machine has 2^64 of them to guess from. Any other address is itself. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = [], tail = []] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  // `::` stands for as many zeros as are missing to eight groups.
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
