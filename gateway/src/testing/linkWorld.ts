import type { TestContext } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import type { Digest } from '@palang/contract/ids';
import { systemRandom } from '../drivers/system/random.js';
import { verifier } from '../keys/identity.js';
import { LinkClient } from '../link/client.js';
import type { ReplicaTarget } from '../link/session.js';
import type { LinkSocketListener } from '../link/socket.js';
import type { ReplicaUpdate } from '../replica/replica.js';
import { FakeHub } from './fakeHub.js';
import { FakeLane } from './fakeLane.js';
import { temporaryFolder } from './folder.js';
import { origin, startedEntry, testJournal } from './journalPlace.js';

/** A replica that only counts versions. */
export class VersionReplica implements ReplicaTarget {
  version: string | null = null;
  acknowledgedSeq = -1;
  disconnects = 0;

  apply({ from, to }: ReplicaUpdate): number {
    if (from !== null && from !== this.version) throw new CodedError('replica_gap', 'a gap');
    this.version = to;
    return 0;
  }

  acknowledged(seq: number): void {
    this.acknowledgedSeq = seq;
  }

  disconnected(): void {
    this.disconnects += 1;
  }
}

/** A link client with a real journal, on a manual clock, over sockets of memory, to a scripted hub. */
export async function linkWorld(t: TestContext) {
  const folder = temporaryFolder(t);
  const { journal, clock, stamps } = testJournal(folder);
  await journal.open();
  const hub = new FakeHub();
  const lane = new FakeLane('gate_in', 'in');
  const replica = new VersionReplica();
  const logged: string[] = [];
  const world = { reachable: true, buffered: 0, outdated: 0 };
  const links: (string | null)[] = [];

  const dial = (listener: LinkSocketListener) => {
    let open = true;
    let take: ((message: string | Uint8Array) => void) | null = null;
    const close = (reason: string): void => {
      if (!open) return;
      open = false;
      listener.closed(reason);
    };
    queueMicrotask(() => {
      if (!world.reachable) return close('refused');
      if (!open) return;
      listener.opened();
      const wire = {
        send: (text: string) => queueMicrotask(() => open && listener.text(text)),
        close: () => close('the hub went away'),
      };
      take = hub.connect(wire);
    });
    return {
      send: (message: string | Uint8Array) => {
        if (open) take?.(message);
      },
      close: () => {
        open = false;
      },
      get bufferedAmount() {
        return world.buffered;
      },
    };
  };

  const client = new LinkClient({
    gateway: origin,
    software: 'test',
    clock,
    stamps,
    feed: journal,
    notes: journal,
    replica,
    lanes: new Map([['gate_in', lane]]),
    sign: () => 'signed',
    verify: verifier(hub.publicKey),
    outdated: () => {
      world.outdated += 1;
    },
    log: (level, message, detail) => logged.push(`${level} ${message} ${JSON.stringify(detail ?? {})}`),
    dial,
    random: systemRandom,
    longestPause: 5_000,
    ready: async () => undefined,
  });
  client.onLinked((token) => links.push(token));
  const append = async (count: number): Promise<void> => {
    const durable = Array.from({ length: count }, (_, i) => journal.append(startedEntry(`${i}`)).durable);
    await Promise.all(durable);
  };
  t.after(async () => {
    client.stop();
    await journal.close();
  });
  return { client, hub, lane, replica, journal, clock, stamps, world, logged, links, append };
}

/** The hub holds exactly what the journal holds. */
export async function sameHistory(
  hub: FakeHub,
  journal: { hashOf(seq: number): Promise<Digest | null>; nextSeq: number },
) {
  const last = journal.nextSeq - 1;
  return hub.records.length === last && (last === 0 || hub.hashes.at(-1) === (await journal.hashOf(last)));
}
