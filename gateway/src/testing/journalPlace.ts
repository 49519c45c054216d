import { join } from 'node:path';
import { Epoch, Origin } from '@palang/contract/ids';
import type { FaultCode } from '@palang/contract/vocabulary';
import { setAside } from '../drivers/journal/setAside.js';
import { systemRandom } from '../drivers/system/random.js';
import { sha256 } from '../drivers/system/sha256.js';
import { inThreadWriter } from '../journal/inThread.js';
import { GroupJournal, type JournalDependencies } from '../journal/journal.js';
import type { JournalWriter } from '../journal/writer.js';
import { SystemStamps } from '../time/stamps.js';
import { ManualClock } from './manualClock.js';

export const origin = Origin.parse('gw-test');

export function place(folder: string) {
  return { path: join(folder, 'journal.db'), sha256, setAside };
}

export function testWriter(folder: string): JournalWriter {
  return inThreadWriter(place(folder), { origin, newEpoch: Epoch.parse(systemRandom.hex(8)) });
}

/** A journal on a manual clock, in the calling thread unless another writer is given, with the faults it told. */
export function testJournal(folder: string, overrides: Partial<JournalDependencies> = {}) {
  const clock = (overrides.clock as ManualClock | undefined) ?? new ManualClock();
  const told: string[] = [];
  const health = {
    raise: (fault: FaultCode) => void told.push(`raised ${fault}`),
    clear: (fault: FaultCode) => void told.push(`cleared ${fault}`),
  };
  const stamps = new SystemStamps({
    clock,
    boot: '00000000000000aa',
    synchronised: () => true,
    stepped: () => undefined,
  });
  const damaged = (_reason: string, unwritten: readonly string[]) =>
    void told.push(`damaged, ${unwritten.length} left`);
  const writer = overrides.writer ?? testWriter(folder);
  const journal = new GroupJournal({
    origin,
    writer,
    stamps,
    clock,
    random: systemRandom,
    health,
    damaged,
    ...overrides,
  });
  return { journal, clock, told, stamps };
}

/** An entry with one record about the gateway itself. */
export function startedEntry(software = 'test') {
  return {
    drafts: [{ kind: 'gateway_started' as const, lane: null, session: null, data: { software } }],
    lane: null,
    state: null,
    cause: null,
  };
}
