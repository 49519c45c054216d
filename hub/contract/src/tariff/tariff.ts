import * as z from 'zod/mini';
import { Rupiah } from '../money.js';
import { VehicleClass } from '../vocabulary.js';

const Minutes = z.int().check(z.positive());
const Amount = Rupiah.check(z.nonnegative());

/** A progressive rate for one vehicle class. A block that has begun is charged whole. */
export const ProgressiveRate = z.object({
  /** A stay up to this long (inclusive) costs nothing; a longer one is charged from its first minute. */
  free_minutes: z.int().check(z.nonnegative()),
  first: z.object({ minutes: Minutes, amount: Amount }),
  increment: z.object({ minutes: Minutes, amount: Amount }),
  /** The most that each 24 hours from the entry can cost; null = no cap. From the second day on only increments count. */
  daily_cap: z.nullable(Amount),
});
export type ProgressiveRate = z.infer<typeof ProgressiveRate>;

export const Tariff = z.object({
  /** Pinned by every quote. */
  version: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,64}$/)),
  name: z.string(),
  /** Applies to stays that begin at or after this instant, epoch ms. */
  effective_from: z.int(),
  rates: z.partialRecord(VehicleClass, ProgressiveRate),
  /** A fee above this needs a person. */
  ceiling: Amount.check(z.positive()),
});
export type Tariff = z.infer<typeof Tariff>;

/** The tariff in force for a stay that began at `entered` (epoch ms): the latest effective one; undefined when there is none. */
export function tariffFor(tariffs: Iterable<Tariff>, entered: number): Tariff | undefined {
  let chosen: Tariff | undefined;
  for (const tariff of tariffs) {
    if (tariff.effective_from > entered) continue;
    const later = chosen === undefined || tariff.effective_from > chosen.effective_from;
    const sameButNewer = chosen?.effective_from === tariff.effective_from && tariff.version > chosen.version;
    if (later || sameButNewer) chosen = tariff;
  }
  return chosen;
}
