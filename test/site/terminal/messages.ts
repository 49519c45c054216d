import * as z from 'zod';

/** The lines of PROTOCOL.md as types: what comes in is validated, what goes out is closed. */

const id = z.string().min(1).max(64);
const key = z.string().min(1).max(128);

export const Request = z.discriminatedUnion('op', [
  z.strictObject({
    id,
    op: z.literal('charge'),
    key,
    amount: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
    currency: z.string().regex(/^[A-Z]{3}$/),
  }),
  z.strictObject({ id, op: z.literal('resolve'), key }),
  z.strictObject({ id, op: z.literal('cancel'), key }),
  z.strictObject({ id, op: z.literal('status') }),
]);
export type Request = z.infer<typeof Request>;

const Approved = z.strictObject({
  status: z.literal('approved'),
  reference: z.string(),
  instrument: z.enum(['card', 'emoney', 'qris']),
  masked: z.string(),
});
const Declined = z.strictObject({ status: z.literal('declined'), reason: z.enum(['by_issuer', 'refused']) });
const Cancelled = z.strictObject({
  status: z.literal('cancelled'),
  reason: z.enum(['by_host', 'timeout', 'restarted']),
});

export const Outcome = z.discriminatedUnion('status', [Approved, Declined, Cancelled]);
export type Outcome = z.infer<typeof Outcome>;

export const Charge = z.strictObject({
  key: z.string(),
  amount: z.number(),
  currency: z.string(),
  /** Null while the driver is being asked. */
  outcome: z.nullable(Outcome),
});
export type Charge = z.infer<typeof Charge>;

export type ErrorReason = 'malformed' | 'busy' | 'key_conflict';
export type Answer = Readonly<Record<string, string | number>> & { readonly status: string };

const IdOnly = z.object({ id });

/** A line as a request, or the id that its error answer should carry. */
export function parseRequest(line: string): { request: Request } | { malformedId: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Not JSON: there is no id to answer to, the error answer says so.
    return { malformedId: undefined };
  }
  const parsed = Request.safeParse(value);
  if (parsed.success) return { request: parsed.data };
  const named = IdOnly.safeParse(value);
  return { malformedId: named.success ? named.data.id : undefined };
}
