import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import type { Clock } from '@palang/contract/clock';
import { codeOf } from '@palang/contract/errors';
import type { Database } from '@palang/db/database';

export const sha256 = (text: string): string => hash('sha256', text);

/** The hub's own signing key (Ed25519), by which gateways know that a command is the hub's. */
export interface HubKey {
  /** SPKI DER, base64: what a gateway keeps from its pairing. */
  readonly publicKey: string;
  /** Over the text's UTF-8 bytes, base64. */
  sign(text: string): string;
}

/** The stored key, made at the first start. Losing it means pairing every gateway again. */
export async function loadHubKey(database: Database, clock: Clock): Promise<HubKey> {
  const read = () =>
    database.query<{ private_key: string; public_key: string }>(
      "SELECT private_key, public_key FROM hub_keys WHERE name = 'command'",
    );
  let [row] = await read();
  if (row === undefined) {
    const pair = generateKeyPairSync('ed25519');
    const made = [
      'command',
      pair.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      clock.wall(),
    ];
    try {
      await database.insert('hub_keys', ['name', 'private_key', 'public_key', 'created_at'], [made]);
    } catch (error) {
      // Another hub on this database was first: its key is the site's key.
      if (codeOf(error) !== 'duplicate_key') throw error;
    }
    [row] = await read();
  }
  if (row === undefined) throw new Error('hub_keys lost a row that was just written');
  const key = createPrivateKey({ key: Buffer.from(row.private_key, 'base64'), format: 'der', type: 'pkcs8' });
  return { publicKey: row.public_key, sign: (text) => sign(null, Buffer.from(text), key).toString('base64') };
}

/** An Ed25519 key from SPKI DER in base64; null for anything else. */
export function readPublicKey(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    // Whatever OpenSSL says about it, it is not a key.
    return null;
  }
}

export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const key = readPublicKey(publicKey);
  return key !== null && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}
