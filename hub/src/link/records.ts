import type { Sha256 } from '@palang/contract/clock';
import type { Digest, Epoch, EventId, Origin, SessionId } from '@palang/contract/ids';
import { type Event, type EventHeader, type ParsedRecord, parseRecord } from '@palang/contract/link/events';

/** Records that follow each other without a gap, from seq `from` on. */
export interface Run {
  readonly origin: Origin;
  readonly epoch: Epoch;
  readonly from: number;
  readonly records: readonly string[];
}

/** A record, named by where it came from, with its chain hash and what could be read of it. */
export interface Examined {
  readonly id: EventId;
  readonly seq: number;
  readonly hash: Digest;
  readonly record: string;
  readonly header: EventHeader | null;
  readonly event: Event | null;
  /** Why it needs a person; null when it is understood. */
  readonly problem: 'bad_json' | 'bad_header' | 'unknown_kind' | 'bad_data' | 'bad_position' | null;
}

/** The hashes of a run's records when the one before it has hash `previous` (contract link/chain, without checking its own output). */
export function chain(sha256: Sha256, previous: Digest, records: readonly string[]): Digest[] {
  let hash = previous;
  return records.map((record) => {
    hash = sha256(hash + record) as Digest;
    return hash;
  });
}

/** What can be read of records, before anything is known about their place in a journal. */
export function readRecords(records: readonly string[]): ParsedRecord[] {
  return records.map(parseRecord);
}

export function examine(run: Run, hashes: readonly Digest[], read: readonly ParsedRecord[]): Examined[] {
  return run.records.map((record, index) => {
    const seq = run.from + index;
    const parsed = read[index] as ParsedRecord;
    const header = parsed.ok ? parsed.event : parsed.header;
    const base = { id: `${run.origin}:${run.epoch}:${seq}` as EventId, seq, hash: hashes[index] as Digest, record };
    // A record speaks for its own place only: one that says it is another event's is kept, and believed by nobody.
    const placed = header?.origin === run.origin && header.epoch === run.epoch && header.seq === seq;
    if (header !== null && !placed) return { ...base, header: null, event: null, problem: 'bad_position' };
    if (parsed.ok) return { ...base, header, event: parsed.event, problem: null };
    return { ...base, header, event: null, problem: parsed.code };
  });
}

/** The session that an event names or creates. */
export function sessionOf(item: Examined): SessionId | null {
  const { event } = item;
  if (event?.kind === 'entry_approved') return item.id;
  if (event?.kind === 'tailgating' && event.data.direction === 'in') return item.id;
  return item.header?.session ?? null;
}
