import { type OpenPlace, openJournal } from './open.js';
import type { JournalStore, StoreIdentity } from './store.js';
import type { JournalWriter } from './writer.js';

/** The writer on the caller's own thread: every call blocks until the disk has it. For virtual time, where nothing may happen in between. */
export function inThreadWriter(place: OpenPlace, identity: StoreIdentity): JournalWriter {
  let store: JournalStore | null = null;
  const open = () => {
    const result = openJournal(place, identity);
    store = result.store;
    return result;
  };
  const opened = (): JournalStore => store ?? open().store;
  return {
    open: async () => open().opened,
    write: async (group) => opened().write(group),
    read: async (from) => opened().read(from),
    hashOf: async (seq) => opened().hashOf(seq),
    prune: async (rule) => opened().prune(rule),
    tidy: async () => opened().tidy(),
    async close() {
      store?.close();
      store = null;
    },
  };
}
