import type { Sha256 } from '../clock.js';
import type { Digest } from '../ids.js';

/** What the first record of an epoch follows. */
export const GENESIS = '0'.repeat(64) as Digest;

/** Hash of a record: sha256 over the previous hash (as text) followed by the exact stored bytes. */
export function link(sha256: Sha256, previous: Digest, record: string): Digest {
  return sha256(previous + record) as Digest;
}
