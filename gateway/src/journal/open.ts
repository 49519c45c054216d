import type { Sha256 } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { openSqlite } from '@palang/db/sqlite';
import { JournalStore, type StoreIdentity } from './store.js';
import type { Opened } from './writer.js';

export interface OpenPlace {
  readonly path: string;
  readonly sha256: Sha256;
  /** Renames the file and what belongs to it (-wal, -shm) and returns the new name. */
  setAside(path: string): string;
}

/** The disk's state, not the file's: these pass by themselves or need a person, and never cost a journal its place. */
const notTheFilesFault: ReadonlySet<string> = new Set([
  'sqlite_cannot_open',
  'sqlite_busy',
  'sqlite_full',
  'sqlite_io',
  'sqlite_readonly',
]);

/**
 * Opens the journal. A file that cannot be trusted is set aside, whole, and a new epoch begins in a new file.
 * @throws CodedError with SQLite's code when the disk, not the file, is at fault.
 */
export function openJournal(place: OpenPlace, identity: StoreIdentity): { store: JournalStore; opened: Opened } {
  try {
    return attempt(place, identity, null);
  } catch (error) {
    if (error instanceof CodedError && notTheFilesFault.has(error.code)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return attempt(place, identity, { path: place.setAside(place.path), reason });
  }
}

function attempt(place: OpenPlace, identity: StoreIdentity, setAside: Opened['setAside']) {
  const database = openSqlite(place.path);
  try {
    const store = new JournalStore(database, identity, place.sha256);
    return { store, opened: { ...store.opened(), setAside } };
  } catch (error) {
    database.close();
    throw error;
  }
}
