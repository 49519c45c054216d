import type { Clock, Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { Origin } from '@palang/contract/ids';
import { type Database, upsert } from '@palang/db/database';
import { type HubKey, readPublicKey, sha256 } from './keys.js';
import type { Pairing } from './ports.js';

const CODE_LIFE = 15 * 60_000;
/** 80 random bits, 20 characters. */
const CODE_BYTES = 10;

export interface PairingTools {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly hubKey: HubKey;
}

export function createPairing({ database, clock, random, hubKey }: PairingTools): Pairing {
  return {
    async createCode(gateway) {
      const code = random.hex(CODE_BYTES);
      const now = clock.wall();
      const expiresAt = now + CODE_LIFE;
      await database.insert(
        'pairing_codes',
        ['code_hash', 'created_at', 'expires_at', 'used_by'],
        [[codeHash(gateway, code), now, expiresAt, null]],
      );
      return { code, expiresAt };
    },
    async pair(code, gateway, publicKey) {
      const name = Origin.safeParse(gateway);
      // `hub` is the name of the hub's own journal.
      if (!name.success || gateway === 'hub')
        throw new CodedError('bad_gateway_name', 'Not a name for a gateway', { gateway });
      if (readPublicKey(publicKey) === null) throw new CodedError('bad_public_key', 'Not an Ed25519 public key');
      const now = clock.wall();
      await database.transaction(async (sql) => {
        const used = await sql.execute(
          'UPDATE pairing_codes SET used_by = ? WHERE code_hash = ? AND used_by IS NULL AND expires_at > ?',
          [gateway, codeHash(gateway, code), now],
        );
        if (used !== 1) throw new CodedError('bad_pairing_code', 'Wrong, used or expired pairing code');
        await sql.insert(
          'gateways',
          ['name', 'public_key', 'lanes', 'paired_at', 'revoked_at'],
          [[gateway, publicKey, null, now, null]],
          upsert(sql.dialect, ['name'], ['public_key', 'paired_at', 'revoked_at']),
        );
      });
      return { hubPublicKey: hubKey.publicKey };
    },
  };
}

/** A code is for one gateway: whoever is given it cannot take the place of another. */
function codeHash(gateway: string, code: string): string {
  return sha256(`${gateway}:${code}`);
}
