import { openSession } from './openSession.js';
import type { Ledger, Reference, Replica, SessionRecord } from './ports.js';

const PAGE = 500;

/** Fills the replica with what the database holds: at each start of the hub, before the first gateway is let in. */
export async function fillReplica(replica: Replica, reference: Reference, ledger: Ledger): Promise<void> {
  replica.put('settings', 'site', await reference.settings());
  for (const tariff of await reference.tariffs()) replica.put('tariffs', tariff.version, tariff);
  for (let after: string | undefined; ; ) {
    const page = await reference.cards({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const card of page) replica.put('cards', card.label, card);
    after = page.at(-1)?.label;
    if (page.length < PAGE) break;
  }
  for (let before: SessionRecord | undefined; ; ) {
    const page = await ledger.sessions({
      inside: true,
      limit: PAGE,
      ...(before === undefined ? {} : { before: before.session.id }),
    });
    putSessions(replica, page);
    before = page.at(-1);
    if (page.length < PAGE) break;
  }
}

/** Brings sessions that changed into the replica, and takes those out whose vehicle is gone. */
export function putSessions(replica: Replica, records: readonly SessionRecord[]): void {
  for (const record of records) replica.put('sessions', record.session.id, openSession(record));
}
