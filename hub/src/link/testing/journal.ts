import { Digest, Epoch, eventId, GateId, Origin, type SessionId, SubjectRef } from '@palang/contract/ids';
import { GENESIS, link } from '@palang/contract/link/chain';
import type { Subject } from '@palang/contract/link/envelope';
import type { Event, EventData, EventKind } from '@palang/contract/link/events';
import { stamp } from '@palang/contract/testing/builders';
import type { Batch, Ingest } from '../ingest.js';
import { sha256 } from '../keys.js';

/** A gateway's journal in memory: what the real one would ship. */
export class TestJournal {
  readonly origin: Origin;
  readonly epoch: Epoch;
  readonly records: string[] = [];
  readonly hashes: Digest[] = [];
  readonly subjects: Subject[] = [];

  constructor(origin: string, epoch = '0123456789abcdef') {
    this.origin = Origin.parse(origin);
    this.epoch = Epoch.parse(epoch);
  }

  /** Appends an event at `wall`; returns its id. */
  add<K extends EventKind>(
    kind: K,
    data: EventData<K>,
    options: { readonly wall?: number; readonly session?: SessionId | null; readonly lane?: string } = {},
  ): SessionId {
    const event = {
      v: 1,
      origin: this.origin,
      epoch: this.epoch,
      seq: this.records.length + 1,
      kind,
      lane: GateId.parse(options.lane ?? 'gate_in'),
      at: stamp({ wall: options.wall ?? 1_000, boot: sha256(this.origin).slice(0, 16) }),
      session: options.session ?? null,
      board: null,
      replica: null,
      data,
    } as unknown as Event;
    this.raw(JSON.stringify(event));
    return eventId(event);
  }

  /** Appends any bytes. */
  raw(record: string): void {
    this.hashes.push(link(sha256, this.hashes.at(-1) ?? GENESIS, record));
    this.records.push(record);
  }

  /** This journal's reference of a value. */
  subject(kind: Subject['kind'], value: string): SubjectRef {
    const known = this.subjects.find((subject) => subject.kind === kind && subject.value === value);
    if (known !== undefined) return known.ref;
    const ref = SubjectRef.parse(`s${sha256(`${this.origin} ${this.epoch} ${kind} ${value}`).slice(0, 32)}`);
    this.subjects.push({ ref, kind, value });
    return ref;
  }

  /** Records from `from` to `to`, with the subjects that they name. */
  batch(from: number, to = this.records.length): Batch {
    const records = this.records.slice(from - 1, to);
    const text = records.join();
    return {
      epoch: this.epoch,
      from,
      records,
      subjects: this.subjects.filter((subject) => text.includes(subject.ref)),
      hash: Digest.parse(this.hashes[to - 1]),
    };
  }

  /** A whole entry: approved and passed. */
  enters(credential: string, wall: number, plate: string | null = null): SessionId {
    const session = this.add('entry_approved', this.approval(credential, plate), { wall });
    this.add('entry_passed', { evidence: 'passageProven' }, { wall: wall + 4_000, session });
    return session;
  }

  approval(credential: string, plate: string | null = null): EventData<'entry_approved'> {
    return {
      credential: this.subject('credential', credential),
      card: `CARD_${credential.split(':')[1]}`,
      plate: plate === null ? null : this.subject('plate', plate),
      vehicle_class: 'car',
      right: 'casual',
      source: 'reader',
      over_capacity: false,
    };
  }

  /** A whole exit: paid, approved, passed. */
  leaves(session: SessionId, wall: number, amount = 5_000): void {
    const lane = 'gate_out';
    const line = { kind: 'first_block', day: 1, count: 1, unit: amount, amount } as const;
    const quote = { tariff: 'demo-1', vehicle_class: 'car', minutes: 1, lines: [line], amount, flags: [] };
    const payment = { key: `${session}/1`, revision: 1, amount, method: 'cash', reference: 'r1', masked: null };
    this.add('payment_settled', payment as unknown as EventData<'payment_settled'>, { wall, session, lane });
    this.add('exit_approved', { quote } as unknown as EventData<'exit_approved'>, { wall: wall + 100, session, lane });
    this.add('exit_passed', { evidence: 'passageProven' }, { wall: wall + 4_000, session, lane });
  }
}

/** Ships like a gateway: from the mark on, wherever it is, in batches of `size`, until record `until` is stored. */
export async function shipAll(
  ingest: Ingest,
  journal: TestJournal,
  until = journal.records.length,
  size = 7,
  onMark: (seq: number) => void = () => undefined,
): Promise<void> {
  let mark = await ingest.mark(journal.origin, journal.epoch);
  while ((mark?.seq ?? 0) < until) {
    const from = (mark?.seq ?? 0) + 1;
    const answer = await ingest.accept(journal.origin, journal.batch(from, Math.min(from + size - 1, until)));
    if (answer.problem !== null) throw new Error(answer.problem);
    mark = answer.mark;
    onMark(mark?.seq ?? 0);
  }
}
