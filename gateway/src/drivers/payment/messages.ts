import { CodedError } from '@palang/contract/errors';
import { Rupiah } from '@palang/contract/money';
import * as z from 'zod';

/** What the terminal says (test/site/terminal/PROTOCOL.md), closed: anything else is counted and thrown away. */
const Reason = z.string().max(200);
const Key = z.string().min(1).max(128);
const Id = z.string().min(1).max(64);

const Answer = z.discriminatedUnion('status', [
  z.object({ id: Id, status: z.literal('waiting'), key: Key }),
  z.object({
    id: Id,
    status: z.literal('approved'),
    key: Key,
    amount: Rupiah,
    currency: z.literal('IDR'),
    reference: z.string().min(1).max(128),
    instrument: z.enum(['card', 'emoney', 'qris']),
    masked: z.string().max(64).nullish(),
  }),
  z.object({ id: Id, status: z.literal('declined'), key: Key, reason: Reason }),
  z.object({ id: Id, status: z.literal('cancelled'), key: Key, reason: Reason }),
  z.object({ id: Id, status: z.literal('error'), key: Key.optional(), reason: Reason }),
  z.object({ id: Id, status: z.literal('pending'), key: Key }),
  z.object({ id: Id, status: z.literal('none'), key: Key }),
  z.object({ id: Id, status: z.literal('ready') }),
  z.object({ id: Id, status: z.literal('busy'), key: Key.optional() }),
]);
export type Answer = z.infer<typeof Answer>;

export type Request =
  | { readonly op: 'charge'; readonly key: string; readonly amount: number; readonly currency: 'IDR' }
  | { readonly op: 'resolve' | 'cancel'; readonly key: string }
  | { readonly op: 'status' };

/** Null for what is no answer. */
export function parseAnswer(line: string): Answer | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = Answer.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** @throws CodedError `bad_payment_key` for a key that the terminal could not take. */
export function checkKey(key: string): void {
  if (!Key.safeParse(key).success) throw new CodedError('bad_payment_key', 'A key has 1 to 128 characters', { key });
}
