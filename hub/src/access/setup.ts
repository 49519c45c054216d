import type { Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Principal } from './principal.js';
import { sameSecret } from './secrets.js';
import type { Users } from './users.js';

/** Without letters and digits that are mistaken for each other when read aloud. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Makes the first administrator: from the environment, or by whoever can read the code in the hub's log. */
export interface Setup {
  /** Returns the code to print, or null when an administrator exists (or was made just now from `bootstrapPassword`). */
  start(bootstrapPassword: string | null): Promise<string | null>;
  needed(): boolean;
  /** @throws CodedError `setup_done`, `bad_credentials` for a wrong code. */
  carryOut(code: string, name: string, password: string): Promise<Principal>;
}

export function createSetup(users: Users, random: Random): Setup {
  let expected: string | null = null;
  return {
    async start(bootstrapPassword) {
      if (await users.any()) return null;
      if (bootstrapPassword !== null) {
        await users.createFirst('admin', bootstrapPassword);
        return null;
      }
      expected = makeCode(random);
      return expected;
    },

    needed: () => expected !== null,

    async carryOut(code, name, password) {
      if (expected === null) throw new CodedError('setup_done', 'There is an administrator already');
      const typed = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
      if (!sameSecret(typed, expected.replaceAll('-', ''))) {
        throw new CodedError('bad_credentials', 'The set-up code is wrong; it stands in the log of the hub');
      }
      const user = await users.createFirst(name, password);
      expected = null;
      return user;
    },
  };
}

/** 60 bits as `XXXX-XXXX-XXXX`. */
function makeCode(random: Random): string {
  const bytes = Buffer.from(random.hex(12), 'hex');
  const letters = [...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
}
