import { Permission } from '@palang/contract/access/permissions';
import type { Clock, Random } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Database } from '@palang/db/database';
import type { Replica } from '../link/ports.js';
import type { Principal } from './principal.js';
import { digestOf } from './secrets.js';

/** The key from the environment has this id. */
const BOOTSTRAP = 'bootstrap';

/** Keys for programs: shown once, stored as a hash, limited to their permissions; gateways check them from the replica. */
export interface ApiKeys {
  /** Reads the keys and gives them to the replica; makes, changes or revokes the key of the environment. */
  start(bootstrapKey: string | null): Promise<void>;
  create(name: string, permissions: readonly Permission[]): Promise<{ readonly id: string; readonly key: string }>;
  /** @throws CodedError `not_found`. */
  revoke(id: string): Promise<void>;
  find(key: string): Principal | null;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly key_hash: string;
  readonly permissions: string;
}

export function createApiKeys(db: Database, replica: Replica, clock: Clock, random: Random): ApiKeys {
  /** By hash. Few keys, asked for on every request: all of them are kept in memory. */
  const active = new Map<string, Principal>();

  function admit(row: Row): void {
    const permissions = JSON.parse(row.permissions) as unknown[];
    // A permission that this build does not know grants nothing.
    const can = new Set(permissions.flatMap((each) => Permission.safeParse(each).data ?? []));
    active.set(row.key_hash, { kind: 'key', id: row.id, name: row.name, role: null, can });
    replica.put('api_keys', row.id, { id: row.id, hash: row.key_hash, permissions: [...can] });
  }

  async function store(id: string, name: string, key: string, permissions: readonly Permission[]): Promise<void> {
    const row = { id, name, key_hash: digestOf(key), permissions: JSON.stringify(permissions) };
    await db.insert(
      'api_keys',
      ['id', 'name', 'key_hash', 'permissions', 'created_at'],
      [[id, name, row.key_hash, row.permissions, clock.wall()]],
    );
    admit(row);
  }

  async function remove(id: string): Promise<boolean> {
    const changed = await db.execute('UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', [
      clock.wall(),
      id,
    ]);
    for (const [hash, key] of active) if (key.id === id) active.delete(hash);
    replica.put('api_keys', id, null);
    return changed > 0;
  }

  return {
    async start(bootstrapKey) {
      const rows = await db.query<Row>('SELECT id, name, key_hash, permissions FROM api_keys WHERE revoked_at IS NULL');
      for (const row of rows) admit(row);
      const current = rows.find((row) => row.id.startsWith(BOOTSTRAP));
      const wanted = bootstrapKey === null ? null : `${BOOTSTRAP}-${digestOf(bootstrapKey).slice(0, 12)}`;
      if (current !== undefined && current.id !== wanted) await remove(current.id);
      if (bootstrapKey === null || wanted === null || current?.id === wanted) return;
      const revived = await db.execute('UPDATE api_keys SET revoked_at = NULL WHERE id = ?', [wanted]);
      if (revived === 0) return store(wanted, BOOTSTRAP, bootstrapKey, Permission.options);
      const permissions = JSON.stringify(Permission.options);
      admit({ id: wanted, name: BOOTSTRAP, key_hash: digestOf(bootstrapKey), permissions });
    },

    async create(name, permissions) {
      const id = random.hex(8);
      const key = `pk_${Buffer.from(random.hex(32), 'hex').toString('base64url')}`;
      await store(id, name, key, permissions);
      return { id, key };
    },

    async revoke(id) {
      if (!(await remove(id))) throw new CodedError('not_found', 'There is no such key', { id });
    },

    find: (key) => active.get(digestOf(key)) ?? null,
  };
}
