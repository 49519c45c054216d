import * as z from 'zod/mini';
import { CodedError } from '../errors.js';
import { Digest, Epoch, GateId, Origin, SubjectRef } from '../ids.js';
import { MAX_BATCH_RECORDS } from './limits.js';
import { LaneDescription, LaneSnapshot } from './live.js';
import { ReplicaChange, ReplicaVersion } from './replica.js';

/** Both ends refuse larger messages. */
/** Both ends refuse larger messages. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** The value behind a reference in events. Stored apart, so that a person can be forgotten and the chain still verifies. */
export const Subject = z.object({ ref: SubjectRef, kind: z.enum(['credential', 'plate']), value: z.string() });
export type Subject = z.infer<typeof Subject>;

/** How far the hub has durably stored a journal: the next record it wants is seq + 1. `hash` is of record `seq`. */
export const Mark = z.object({ epoch: Epoch, seq: z.int().check(z.nonnegative()), hash: Digest });
export type Mark = z.infer<typeof Mark>;

/** Gateway to hub. */
export const Up = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.literal(1),
    gateway: Origin,
    /** Ed25519 over `palang-link:<gateway>:<nonce>`, base64. */
    signature: z.string(),
    epoch: Epoch,
    durable_seq: z.int().check(z.nonnegative()),
    boot: z.string(),
    replica: z.nullable(ReplicaVersion),
    lanes: z.array(LaneDescription),
    software: z.string(),
  }),
  z.object({
    type: z.literal('batch'),
    epoch: Epoch,
    /** seq of the first record; the others follow without a gap. */
    from: z.int().check(z.positive()),
    /** The exact stored bytes. */
    records: z.array(z.string()).check(z.minLength(1), z.maxLength(MAX_BATCH_RECORDS)),
    subjects: z.array(Subject),
    /** Chain hash of the last record. */
    hash: Digest,
  }),
  z.object({ type: z.literal('replica_ack'), version: ReplicaVersion, skipped: z.int() }),
  z.object({
    type: z.literal('command_result'),
    id: z.string(),
    /** `accepted`, `settled`, `awaiting_payment`, a refusal, or a lane's own code. */
    outcome: z.string(),
    detail: z.record(z.string(), z.unknown()),
  }),
  z.object({ type: z.literal('live'), lane: LaneSnapshot }),
  /** Asks for the hub's time; also carries the stamp that commands quote. Sent every second. */
  z.object({ type: z.literal('clock'), boot: z.string(), mono: z.number() }),
  z.object({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
export type Up = z.infer<typeof Up>;

/** Hub to gateway. */
export const Down = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: z.string(), hub_epoch: Epoch }),
  z.object({
    type: z.literal('welcome'),
    /** Null when the hub has nothing of this gateway's current epoch. */
    mark: z.nullable(Mark),
    /** For PUT /api/photos/<digest>, this connection only. */
    upload_token: z.string(),
  }),
  /** Believed even when it goes backwards. `settled`: backed up, may be pruned. */
  z.object({ type: z.literal('mark'), mark: z.nullable(Mark), settled: z.int() }),
  z.object({
    type: z.literal('replica'),
    /** The version these changes follow; null for a snapshot that replaces everything. */
    from: z.nullable(ReplicaVersion),
    to: ReplicaVersion,
    changes: z.array(ReplicaChange),
  }),
  /** `text` is the JSON of a Command; `signature` Ed25519 over its bytes, base64. */
  z.object({ type: z.literal('command'), text: z.string(), signature: z.string() }),
  /** Somebody is watching this lane's camera: send frames (binary messages) for so many ms. */
  z.object({ type: z.literal('watch'), lane: GateId, duration: z.int().check(z.nonnegative(), z.maximum(60_000)) }),
  z.object({ type: z.literal('clock'), mono: z.number(), hub_wall: z.int() }),
  z.object({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
export type Down = z.infer<typeof Down>;

/** A binary message is one camera frame: lane name length (1 byte), lane name, JPEG bytes. */
export function packFrame(lane: GateId, jpeg: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(lane);
  const message = new Uint8Array(1 + name.length + jpeg.length);
  message[0] = name.length;
  message.set(name, 1);
  message.set(jpeg, 1 + name.length);
  return message;
}

/** @throws CodedError `bad_frame` when the message is too short or the lane's name is not one. */
export function unpackFrame(message: Uint8Array): { lane: GateId; jpeg: Uint8Array } {
  const length = message[0] ?? 0;
  const lane = GateId.safeParse(new TextDecoder().decode(message.subarray(1, 1 + length)));
  if (!lane.success || message.length <= 1 + length) throw new CodedError('bad_frame', 'Not a camera frame');
  return { lane: lane.data, jpeg: message.subarray(1 + length) };
}

/** The text that a gateway signs to prove who it is. */
export function helloText(gateway: string, nonce: string): string {
  return `palang-link:${gateway}:${nonce}`;
}

/** @throws CodedError `bad_message` for anything that is not a message of the given direction. */
export function parseMessage<Message>(schema: z.ZodMiniType<Message>, text: string): Message {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CodedError('bad_message', 'Not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new CodedError('bad_message', 'Not a link message', { issues: z.prettifyError(parsed.error) });
  return parsed.data;
}
