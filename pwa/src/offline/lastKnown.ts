import type { Me } from '@palang/contract/api/shapes';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Site } from '../live/site.js';

/** The site as last heard, kept for a reload without a hub. Erased by a sign-out. */
export interface LastKnown {
  /** Shape of this record: another number is discarded. */
  readonly version: 1;
  /** When the hub last spoke, on the app's clock. */
  readonly fetchedAt: number;
  readonly me: Me;
  readonly site: Site;
}

interface Schema extends DBSchema {
  state: { key: 'lastKnown'; value: LastKnown };
}

export interface LastKnownStore {
  read(): Promise<LastKnown | null>;
  write(value: LastKnown): Promise<void>;
  erase(): Promise<void>;
}

/** Over IndexedDB. A browser that refuses storage (private windows) gets a store that stays empty. */
export function lastKnownStore(): LastKnownStore {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const database = () => {
    opened ??= openDB<Schema>('palang', 1, { upgrade: (db) => void db.createObjectStore('state') });
    return opened;
  };
  return {
    read: async () => {
      const value = await database()
        .then((db) => db.get('state', 'lastKnown'))
        .catch(() => undefined);
      return value?.version === 1 ? value : null;
    },
    write: async (value) => void (await (await database()).put('state', value, 'lastKnown')),
    erase: async () => (await database()).delete('state', 'lastKnown'),
  };
}
