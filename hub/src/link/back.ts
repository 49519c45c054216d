import type { Cancel, Clock, Random } from '@palang/contract/clock';
import { Epoch } from '@palang/contract/ids';
import type { Database } from '@palang/db/database';
import { createIngest, type Ingest } from './ingest.js';
import { loadHubKey, sha256 } from './keys.js';
import { createLedger } from './ledger.js';
import { createPairing } from './pairing.js';
import type { Commit, Ledger, LinkServer, Pairing, Reference } from './ports.js';
import { createReference } from './reference.js';
import { createReplica, type ReplicaSource } from './replica.js';
import { fillReplica, putSessions } from './replicaFeed.js';
import { createLinkServer } from './server.js';

export interface BackTools {
  /** Migrated and seeded. */
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** For what goes wrong where no caller waits for it. */
  readonly report: (error: unknown) => void;
}

/** The side of the hub that faces the gateways, ready to be handed upgrade requests. */
export interface LinkBack {
  readonly hubEpoch: Epoch;
  readonly ingest: Ingest;
  readonly ledger: Ledger;
  readonly reference: Reference;
  readonly replica: ReplicaSource;
  readonly link: LinkServer;
  readonly pairing: Pairing;
  /** After each batch that became durable; the replica has it already. */
  onCommit(listener: (commit: Commit) => void): Cancel;
  /** Says goodbye to the gateways. The database stays open. */
  close(): Promise<void>;
}

export async function openBack(tools: BackTools): Promise<LinkBack> {
  const { database, clock, random } = tools;
  // New at each start: versions and counters that an earlier hub gave out never compare with ours.
  const hubEpoch = Epoch.parse(random.hex(8));
  const hubKey = await loadHubKey(database, clock);
  const ingest = createIngest({ ...tools, sha256 });
  const ledger = createLedger(database);
  const replica = createReplica(hubEpoch, clock);
  const reference = createReference(database, replica, clock);
  await fillReplica(replica, reference, ledger);
  ingest.onCommit((commit) => putSessions(replica, commit.sessions));
  const link = await createLinkServer({ ...tools, hubEpoch, hubKey, ingest, replica });
  const pairing = createPairing({ database, clock, random, hubKey });
  return {
    hubEpoch,
    ingest,
    ledger,
    reference,
    replica,
    link,
    pairing,
    onCommit: (listener) => ingest.onCommit(listener),
    close: () => link.close(),
  };
}
