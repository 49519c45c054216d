import * as z from 'zod/mini';
import { CodedError } from './errors.js';

/**
 * What a reader read, in one normal form: `w26:12345678` or `w34:4294967295` (the bits between the parity bits as one
 * unsigned decimal), `label:CARD_001` for a card known only by its label.
 */
export const CredentialValue = z
  .string()
  .check(z.regex(/^(w26:[0-9]{1,8}|w34:[0-9]{1,10}|label:[A-Za-z0-9_-]{1,64})$/))
  .brand<'CredentialValue'>();
export type CredentialValue = z.infer<typeof CredentialValue>;

/** @throws CodedError `bad_credential` when the number does not fit the format's payload (24 or 32 bits). */
export function wiegand(bits: 26 | 34, value: number): CredentialValue {
  const limit = bits === 26 ? 2 ** 24 : 2 ** 32;
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new CodedError('bad_credential', `Not a ${bits}-bit Wiegand number`, { bits, value });
  }
  return CredentialValue.parse(`w${bits}:${value}`);
}

/** For logs and screens: all but the last four characters of the value are hidden. */
export function maskCredential(value: string): string {
  const [type, body = ''] = value.split(':', 2);
  return type === 'label' ? value : `${type}:****${body.slice(-4)}`;
}
