/** One measured figure beside its reference. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  /** Measured in the same run; null where the figure stands for itself. */
  readonly reference: number | null;
  readonly against: string | null;
  /** value / reference, or what `aim` speaks of. */
  readonly ratio: number | null;
  readonly aim: string | null;
}

/** Prints what `npm run bench` collects: one JSON line a bench. */
export function report(bench: string, rows: readonly Row[]): void {
  process.stdout.write(`${JSON.stringify({ bench, rows })}\n`);
}

/** The p-th percentile (0 to 1) by nearest rank. Throws on an empty list. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))];
  if (found === undefined) throw new Error('a percentile of nothing');
  return found;
}
