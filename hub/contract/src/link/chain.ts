import type { Sha256 } from '../clock.js';
import { Digest } from '../ids.js';

/** What the first record of an epoch follows. */
export const GENESIS: Digest = Digest.parse('0'.repeat(64));

/** Hash of a record: sha256 over the previous hash (as text) followed by the exact stored bytes. */
export function link(sha256: Sha256, previous: Digest, record: string): Digest {
  return Digest.parse(sha256(previous + record));
}
