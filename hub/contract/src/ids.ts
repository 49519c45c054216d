import * as z from 'zod/mini';
import { CodedError } from './errors.js';

/** A lane's public name, for example `gate_in`. */
export const GateId = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_]{0,31}$/))
  .brand<'GateId'>();
export type GateId = z.infer<typeof GateId>;

/** Who writes a journal: a gateway's name, or `hub`. */
export const Origin = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_-]{0,31}$/))
  .brand<'Origin'>();
export type Origin = z.infer<typeof Origin>;

/** 64 random bits made when a journal file is created, 16 hexadecimal characters. */
export const Epoch = z
  .string()
  .check(z.regex(/^[0-9a-f]{16}$/))
  .brand<'Epoch'>();
export type Epoch = z.infer<typeof Epoch>;

/** `origin:epoch:seq`, the name of one event for ever. */
export const EventId = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_-]{0,31}:[0-9a-f]{16}:[1-9][0-9]{0,15}$/))
  .brand<'EventId'>();
export type EventId = z.infer<typeof EventId>;

/** A session is named by its entry event. */
export const SessionId = EventId;
export type SessionId = EventId;

/** sha256 as 64 lower-case hexadecimal characters. */
export const Digest = z
  .string()
  .check(z.regex(/^[0-9a-f]{64}$/))
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/** Names an erasable record (a plate or a credential) without telling what is in it: `s` and 128 random bits. */
export const SubjectRef = z
  .string()
  .check(z.regex(/^s[0-9a-f]{32}$/))
  .brand<'SubjectRef'>();
export type SubjectRef = z.infer<typeof SubjectRef>;

export interface EventName {
  readonly origin: Origin;
  readonly epoch: Epoch;
  /** 1, 2, 3 ... within the epoch. */
  readonly seq: number;
}

export function eventId(name: EventName): EventId {
  return EventId.parse(`${name.origin}:${name.epoch}:${name.seq}`);
}

/** @throws CodedError `bad_event_id` when the text is not an event id. */
export function parseEventId(text: string): EventName {
  const parsed = EventId.safeParse(text);
  if (!parsed.success) throw new CodedError('bad_event_id', 'Not an event id', { text });
  const [origin, epoch, seq] = parsed.data.split(':');
  return { origin: Origin.parse(origin), epoch: Epoch.parse(epoch), seq: Number(seq) };
}
