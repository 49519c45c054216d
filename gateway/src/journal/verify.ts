import type { Sha256 } from '@palang/contract/clock';
import type { Epoch } from '@palang/contract/ids';
import { openSqlite } from '@palang/db/sqlite';
import { JournalStore } from './store.js';

/**
 * Checks every record of a journal without changing it, also while its gateway runs.
 * @throws CodedError `journal_damaged` naming the first record that is wrong, or SQLite's own codes.
 */
export function verifyJournal(path: string, origin: string, sha256: Sha256): { epoch: Epoch; records: number } {
  const database = openSqlite(path, { readonly: true });
  try {
    // A read-only file is never taken for a new one, so this epoch is not used.
    const store = new JournalStore(database, { origin, newEpoch: '0'.repeat(16) as Epoch }, sha256);
    store.verify();
    return { epoch: store.epoch, records: store.opened().seq };
  } finally {
    database.close();
  }
}
