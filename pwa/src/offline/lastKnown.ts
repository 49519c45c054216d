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

/** A lane's last picture. */
export interface LastPicture {
  readonly picture: Blob;
  /** On the app's clock. */
  readonly takenAt: number;
}

interface Schema extends DBSchema {
  state: { key: 'lastKnown'; value: LastKnown };
  pictures: { key: string; value: LastPicture };
}

export interface LastKnownStore {
  read(): Promise<LastKnown | null>;
  write(value: LastKnown): Promise<void>;
  readPicture(gate: string): Promise<LastPicture | null>;
  writePicture(gate: string, value: LastPicture): Promise<void>;
  erase(): Promise<void>;
}

/** Over IndexedDB. A browser that refuses storage (private windows) gets a store that stays empty. */
export function lastKnownStore(): LastKnownStore {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const database = () => {
    opened ??= openDB<Schema>('palang', 1, { upgrade: create });
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
    readPicture: async (gate) => {
      const kept = await database()
        .then((db) => db.get('pictures', gate))
        .catch(() => undefined);
      return kept ?? null;
    },
    writePicture: async (gate, value) => void (await (await database()).put('pictures', value, gate)),
    erase: async () => {
      const db = await database();
      await Promise.all([db.clear('state'), db.clear('pictures')]);
    },
  };
}

function create(db: IDBPDatabase<Schema>): void {
  db.createObjectStore('state');
  db.createObjectStore('pictures');
}
