import { createHash, timingSafeEqual } from 'node:crypto';

/** sha256 in hexadecimal: how tokens and keys of full entropy are stored. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares without telling by the time where two secrets differ. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(digestOf(one), 'hex'), Buffer.from(digestOf(other), 'hex'));
}
