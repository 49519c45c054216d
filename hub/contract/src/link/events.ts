import * as z from 'zod/mini';
import { Digest, Epoch, GateId, Origin, SessionId, SubjectRef } from '../ids.js';
import { Stamp } from '../instant.js';
import { Rupiah } from '../money.js';
import { Quote } from '../tariff/price.js';
import {
  DenyReason,
  EvidenceGrade,
  FaultCode,
  GateAction,
  PaymentMethod,
  RightType,
  VehicleClass,
} from '../vocabulary.js';

const Text = z.string().check(z.maxLength(500));
const NullableRef = z.nullable(SubjectRef);
const Source = z.enum(['reader', 'api']);

/** What an event of each kind says. A new kind is added here; an older hub stores it and lists it for attention. */
export const eventData = {
  gateway_started: z.object({ software: Text }),
  clock_stepped: z.object({ by: z.int() }),

  /** Creates the session that this event names. The arm has not moved yet. */
  entry_approved: z.object({
    credential: SubjectRef,
    card: z.nullable(Text),
    plate: NullableRef,
    vehicle_class: VehicleClass,
    right: RightType,
    source: Source,
    over_capacity: z.boolean(),
  }),
  entry_denied: z.object({ credential: NullableRef, card: z.nullable(Text), reason: DenyReason, source: Source }),
  entry_passed: z.object({ evidence: EvidenceGrade }),
  entry_voided: z.object({ reason: z.enum(['back_out', 'unused', 'not_raised']) }),

  exit_denied: z.object({ credential: NullableRef, card: z.nullable(Text), reason: DenyReason, source: Source }),
  exit_quoted: z.object({ quote: Quote, credential: SubjectRef, card: z.nullable(Text), source: Source }),
  /**
   * Money moved. `key` names one attempt to collect one revision of a session's debt, everywhere and for ever: `<session>:<revision>`, and `<session>:<revision>:<n>`
   * for the n-th attempt after n - 1 that took nothing, for a terminal tells a known key its old outcome. Asking a key again takes no money twice, and of the
   * attempts of one revision a lane lets only one settle. The ledger takes each key once; another amount or reference under a known key is a conflict for a person.
   */
  payment_settled: z.object({
    key: Text,
    revision: z.int().check(z.positive()),
    amount: Rupiah,
    method: PaymentMethod,
    reference: Text,
    masked: z.nullable(Text),
  }),
  /** `unknown` is resolved with the terminal later and followed by payment_settled or payment_failed under the same key. */
  payment_failed: z.object({ key: Text, outcome: z.enum(['declined', 'cancelled', 'unknown']), reason: Text }),
  exit_approved: z.object({ quote: Quote }),
  exit_passed: z.object({ evidence: EvidenceGrade }),
  exit_voided: z.object({ reason: z.enum(['back_out', 'unused', 'not_raised']) }),

  /** A second vehicle under one opening. At an entry this event names the provisional session of that vehicle. */
  tailgating: z.object({
    direction: z.enum(['in', 'out']),
    behind: z.nullable(SessionId),
    vehicle_class: VehicleClass,
  }),

  operator_command: z.object({
    command: Text,
    action: z.union([GateAction, z.literal('capture')]),
    actor: Text,
    reason: Text,
    outcome: Text,
  }),
  /** Written, and durable, before the raise pulse leaves the gateway. */
  opening_commanded: z.object({
    cause: z.enum(['entry', 'exit', 'operator']),
    board_boot: z.int(),
    board_sequence: z.int(),
  }),
  /** The board's opening counter rose. `expected` is false when no record of ours explains it. */
  arm_opened: z.object({ openings: z.int(), expected: z.boolean(), by: z.int() }),
  arm_up: z.object({}),
  arm_down: z.object({}),
  fault_raised: z.object({ fault: FaultCode, detail: Text }),
  fault_cleared: z.object({ fault: FaultCode }),
  photo_taken: z.object({
    digest: Digest,
    bytes: z.int().check(z.positive()),
    purpose: z.enum(['entry', 'exit', 'operator', 'tailgating']),
  }),
  photo_missed: z.object({ purpose: z.enum(['entry', 'exit', 'operator', 'tailgating']), reason: Text }),
} as const;

export type EventKind = keyof typeof eventData;
export type EventData<K extends EventKind> = z.infer<(typeof eventData)[K]>;

/** The fields that every event has, whatever its kind. */
export const EventHeader = z.object({
  v: z.literal(1),
  origin: Origin,
  epoch: Epoch,
  seq: z.int().check(z.positive()),
  kind: z.string().check(z.regex(/^[a-z][a-z0-9_]{0,63}$/)),
  lane: z.nullable(GateId),
  at: Stamp,
  session: z.nullable(SessionId),
  /** The board event that caused it, for de-duplication across restarts. */
  board: z.nullable(z.object({ stream: z.int(), sequence: z.int() })),
  /** Version of the replica that the decision rested on; null when the gateway never had one. */
  replica: z.nullable(z.string()),
  data: z.record(z.string(), z.unknown()),
});
export type EventHeader = z.infer<typeof EventHeader>;

/** An event whose kind and data are known to this build. */
export type Event = {
  [K in EventKind]: Omit<EventHeader, 'kind' | 'data'> & { readonly kind: K; readonly data: EventData<K> };
}[EventKind];

/** What a lane wants recorded; the journal adds origin, epoch, seq and the stamp. */
export type Draft = {
  [K in EventKind]: {
    readonly kind: K;
    readonly lane: GateId | null;
    readonly session: SessionId | null;
    readonly data: EventData<K>;
  };
}[EventKind];

export type ParsedRecord =
  | { readonly ok: true; readonly event: Event }
  | {
      readonly ok: false;
      readonly code: 'bad_json' | 'bad_header' | 'unknown_kind' | 'bad_data';
      readonly header: EventHeader | null;
    };

/** The same schemas, compiled: a backlog of days comes through here, and the general parser takes four times as long as JSON.parse. */
const readHeader = z.compile(EventHeader, { strict: true });
const readData = Object.fromEntries(
  Object.entries(eventData).map(([kind, schema]) => [kind, z.compile<typeof schema>(schema, { strict: true })]),
) as unknown as typeof eventData;

/** Reads stored bytes. What cannot be understood is told apart so that the hub can store it and list it for attention. */
export function parseRecord(text: string): ParsedRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, code: 'bad_json', header: null };
  }
  const header = readHeader.safeParse(json);
  if (!header.success) return { ok: false, code: 'bad_header', header: null };
  if (!Object.hasOwn(eventData, header.data.kind)) return { ok: false, code: 'unknown_kind', header: header.data };
  const kind = header.data.kind as EventKind;
  const data = readData[kind].safeParse(header.data.data);
  if (!data.success) return { ok: false, code: 'bad_data', header: header.data };
  return { ok: true, event: { ...header.data, kind, data: data.data } as Event };
}
