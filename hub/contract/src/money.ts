import * as z from 'zod/mini';
import { CodedError } from './errors.js';

/** A whole number of rupiah, negative for a credit. Money is never a fraction and never a float. */
export const Rupiah = z.int().brand<'Rupiah'>();
export type Rupiah = z.infer<typeof Rupiah>;

/** @throws CodedError `bad_amount` unless `amount` is a safe integer. */
export function rupiah(amount: number): Rupiah {
  const parsed = Rupiah.safeParse(amount);
  if (!parsed.success) throw new CodedError('bad_amount', 'An amount of rupiah is a whole number', { amount });
  return parsed.data;
}

export const ZERO = rupiah(0);

export function sum(amounts: Iterable<Rupiah>): Rupiah {
  let total = 0;
  for (const amount of amounts) total += amount;
  return rupiah(total);
}
