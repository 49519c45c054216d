import { permissionsOf, Role } from '@palang/contract/access/permissions';
import type { Clock } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';
import type { Database } from '@palang/db/database';
import { hashPassword, isPassword } from './passwords.js';
import type { Principal } from './principal.js';

export interface Users {
  any(): Promise<boolean>;
  /**
   * Makes the first administrator.
   * @throws CodedError `setup_done` when there is a user already, also when two ask at the same time.
   */
  createFirst(name: string, password: string): Promise<Principal>;
  /** @throws CodedError `bad_credentials`, the same for an unknown name, a wrong password and a disabled user. */
  signIn(name: string, password: string): Promise<Principal>;
  byId(id: string): Promise<Principal | null>;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly password_hash: string;
}

/** The id of the first user is fixed, so that its primary key settles a race of two set-ups on every engine. */
const FIRST = '0'.repeat(32);

export function createUsers(db: Database, clock: Clock): Users {
  return {
    async any() {
      return (await db.query('SELECT id FROM users LIMIT 1')).length > 0;
    },

    async createFirst(name, password) {
      const row = { id: FIRST, name: name.trim(), role: 'admin', password_hash: await hashPassword(password) };
      try {
        await db.insert(
          'users',
          ['id', 'name', 'name_key', 'role', 'password_hash', 'created_at'],
          [[row.id, row.name, nameKey(name), row.role, row.password_hash, clock.wall()]],
        );
      } catch (error) {
        if (codeOf(error) === 'duplicate_key') throw new CodedError('setup_done', 'There is an administrator already');
        throw error;
      }
      return principal(row);
    },

    async signIn(name, password) {
      const [row] = await db.query<Row>(
        'SELECT id, name, role, password_hash FROM users WHERE name_key = ? AND disabled_at IS NULL',
        [nameKey(name)],
      );
      if (!(await isPassword(row?.password_hash ?? null, password)) || row === undefined) {
        throw new CodedError('bad_credentials', 'The name or the password is wrong');
      }
      return principal(row);
    },

    async byId(id) {
      const [row] = await db.query<Row>(
        'SELECT id, name, role, password_hash FROM users WHERE id = ? AND disabled_at IS NULL',
        [id],
      );
      return row === undefined ? null : principal(row);
    },
  };
}

function nameKey(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase();
}

function principal(row: Row): Principal {
  const role = Role.parse(row.role);
  return { kind: 'user', id: row.id, name: row.name, role, can: new Set(permissionsOf[role]) };
}
