import * as z from 'zod/mini';
import { CodedError } from '../errors.js';
import type { Stay } from '../instant.js';
import { Rupiah, rupiah, sum } from '../money.js';
import { VehicleClass } from '../vocabulary.js';
import type { ProgressiveRate, Tariff } from './tariff.js';

export const QuoteLine = z.object({
  kind: z.enum(['free', 'first_block', 'increments', 'cap', 'right', 'already_paid']),
  /** 1-based day of the stay; 0 for a line about the whole stay. */
  day: z.int().check(z.nonnegative()),
  count: z.int().check(z.nonnegative()),
  unit: Rupiah,
  amount: Rupiah,
});
export type QuoteLine = z.infer<typeof QuoteLine>;

/** A fee and its explanation: `amount` is always the sum of the lines. */
export const Quote = z.object({
  tariff: z.string(),
  vehicle_class: VehicleClass,
  /** Charged duration in whole minutes begun. */
  minutes: z.int().check(z.nonnegative()),
  lines: z.array(QuoteLine),
  amount: Rupiah,
  flags: z.array(z.enum(['uncertain_clock', 'above_ceiling'])),
});
export type Quote = z.infer<typeof Quote>;

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

export interface PriceInput {
  readonly tariff: Tariff;
  readonly vehicleClass: VehicleClass;
  readonly stay: Stay;
  /** What was paid for this session before; the quote asks for the rest. A surplus is kept, never a negative quote. */
  readonly paid: Rupiah;
  /** True when the holder's right covers the stay: the quote says so and is zero. */
  readonly covered: boolean;
}

/**
 * Prices a stay. The one function that does: at the gateway, the hub and the operator's screen.
 * A stay on uncertain clocks is charged by its shortest possible length and flagged.
 * @throws CodedError `no_tariff` when the tariff has no rate for the vehicle class: missing is never zero.
 */
export function price(input: PriceInput): Quote {
  const { tariff, vehicleClass, stay } = input;
  const rate = tariff.rates[vehicleClass];
  if (rate === undefined) {
    throw new CodedError('no_tariff', `Tariff ${tariff.version} has no rate for ${vehicleClass}`, { vehicleClass });
  }
  const charged = stay.certain ? stay.duration : stay.shortest;
  const lines = stayLines(rate, charged);
  const gross = sum(lines.map((line) => line.amount));
  if (input.covered) lines.push(adjustment('right', -gross));
  const due = input.covered ? 0 : gross;
  const credit = Math.min(due, input.paid);
  if (credit > 0) lines.push(adjustment('already_paid', -credit));
  const amount = sum(lines.map((line) => line.amount));
  const flags: Quote['flags'] = [];
  if (!stay.certain) flags.push('uncertain_clock');
  if (amount > tariff.ceiling) flags.push('above_ceiling');
  return {
    tariff: tariff.version,
    vehicle_class: vehicleClass,
    minutes: Math.ceil(charged / MINUTE),
    lines,
    amount,
    flags,
  };
}

function adjustment(kind: QuoteLine['kind'], amount: number): QuoteLine {
  return { kind, day: 0, count: 1, unit: rupiah(amount), amount: rupiah(amount) };
}

function stayLines(rate: ProgressiveRate, duration: number): QuoteLine[] {
  if (duration <= rate.free_minutes * MINUTE && rate.free_minutes > 0) {
    return [{ kind: 'free', day: 1, count: 1, unit: rupiah(0), amount: rupiah(0) }];
  }
  const lines: QuoteLine[] = [];
  const days = Math.max(1, Math.ceil(duration / DAY));
  for (let day = 1; day <= days; day++) {
    const within = Math.min(DAY, duration - (day - 1) * DAY);
    lines.push(...dayLines(rate, day, within));
  }
  return lines;
}

function dayLines(rate: ProgressiveRate, day: number, within: number): QuoteLine[] {
  const lines: QuoteLine[] = [];
  let rest = within;
  if (day === 1) {
    lines.push({ kind: 'first_block', day, count: 1, unit: rate.first.amount, amount: rate.first.amount });
    rest -= rate.first.minutes * MINUTE;
  }
  const blocks = Math.max(0, Math.ceil(rest / (rate.increment.minutes * MINUTE)));
  if (blocks > 0) {
    const unit = rate.increment.amount;
    lines.push({ kind: 'increments', day, count: blocks, unit, amount: rupiah(blocks * unit) });
  }
  const total = sum(lines.map((line) => line.amount));
  if (rate.daily_cap !== null && total > rate.daily_cap) {
    const cut = rupiah(rate.daily_cap - total);
    lines.push({ kind: 'cap', day, count: 1, unit: cut, amount: cut });
  }
  return lines;
}
