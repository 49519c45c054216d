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
 * The note that retires a journal: the hub knows later records of this epoch, so the file is an older copy of the journal (a restored image, an old card put
 * back) and every record it would add has a name that is taken.
 */
export const RETIRED = 'retired';

/**
 * Opens the journal. A file that cannot be trusted, or that was retired, is set aside, whole, and a new epoch begins in a new file; from a retired one the
 * lanes' states, the notes and the references go along.
 * @throws CodedError with SQLite's code when the disk, not the file, is at fault.
 */
export function openJournal(place: OpenPlace, identity: StoreIdentity): { store: JournalStore; opened: Opened } {
  let found: { store: JournalStore; opened: Opened };
  try {
    found = attempt(place, identity, null);
  } catch (error) {
    if (error instanceof CodedError && notTheFilesFault.has(error.code)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return attempt(place, identity, { path: place.setAside(place.path), reason });
  }
  const reason = found.opened.notes.find(({ key }) => key === RETIRED)?.value;
  return reason === undefined ? found : succeed(place, identity, found, reason);
}

function succeed(
  place: OpenPlace,
  identity: StoreIdentity,
  old: { store: JournalStore; opened: Opened },
  reason: string,
) {
  old.store.close();
  const setAside = { path: place.setAside(place.path), reason };
  const { store } = attempt(place, identity, setAside);
  const { subjects, lanes, notes } = old.opened;
  store.write({ records: [], subjects, lanes, notes: notes.filter(({ key }) => key !== RETIRED) });
  return { store, opened: { ...store.opened(), setAside } };
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
