import { CodedError } from '@palang/contract/errors';
import type { BarrierOperation } from '../../ports/barrier.js';
import { seal, unseal } from './frame.js';

/** The lane controller's messages as values (arduino/PROTOCOL.md). Times are milliseconds here; the wire has some in units of 10 ms. */

export const STATUS = 0x01;
export const COMMAND_ACK = 0x02;
export const EVENT = 0x03;
/** What the board sends under our own numbers. */
export const FROM_BOARD: readonly number[] = [STATUS, COMMAND_ACK, EVENT];

const PING = 0x01;
const COMMAND = 0x02;
const EVENT_ACK = 0x03;
const SETTINGS = 0x04;

const UNIT_MS = 10;
const OPERATIONS: Readonly<Record<BarrierOperation, number>> = { raise: 1, lower: 2, hold: 3, release: 4, stop: 5 };
const STATUS_LENGTH = 33;
const COMMAND_ACK_LENGTH = 7;
const EVENT_HEAD = 15;
const EVENT_DATA_LIMIT = 8;

export interface BoardSettings {
  /** How long the closing loop has to be clear before the arm comes down, ms. */
  readonly closing_delay: number;
  /** Up longer than this is a fault, ms. */
  readonly max_open: number;
  /** From one limit switch to the other, ms. */
  readonly motion_timeout: number;
  /** An opening that no vehicle uses ends after this, ms. */
  readonly unused_open: number;
  /** Whether the board lowers by itself after a proven passage. */
  readonly self_close: boolean;
}

export interface Command {
  readonly boot: number;
  readonly sequence: number;
  readonly operation: BarrierOperation;
  /** Board uptime from which its age counts, ms. */
  readonly stamp: number;
  /** 1 to 5,000 ms. */
  readonly ttl: number;
  /** Minimum time held open, ms. */
  readonly hold_open: number;
}

export interface Status {
  readonly nonce: number;
  readonly boot: number;
  /** Milliseconds since the board started, modulo 2^32. */
  readonly uptime: number;
  readonly state: number;
  readonly inputs: number;
  readonly flags: number;
  readonly faults: number;
  readonly last_sequence: number;
  readonly openings: number;
  readonly stream: number;
  readonly next_event: number;
  readonly pending: number;
  readonly lost_events: number;
  readonly crc_errors: number;
  readonly refused_writes: number;
  readonly reset_reason: number;
  readonly version: number;
}

export interface CommandAck {
  readonly boot: number;
  readonly sequence: number;
  /** 0 accepted, else why not. */
  readonly result: number;
  readonly duplicate: boolean;
}

export interface BoardEvent {
  readonly stream: number;
  readonly sequence: number;
  readonly boot: number;
  /** Milliseconds of that boot. */
  readonly time: number;
  readonly type: number;
  readonly data: Uint8Array;
}

export function ping(nonce: number): number[] {
  return seal(
    PING,
    write(2, (view) => view.setUint16(0, nonce, true)),
  );
}

export function command(value: Command): number[] {
  const payload = write(15, (view) => {
    view.setUint32(0, value.boot, true);
    view.setUint16(4, value.sequence, true);
    view.setUint8(6, OPERATIONS[value.operation]);
    view.setUint32(7, value.stamp, true);
    view.setUint16(11, value.ttl, true);
    view.setUint16(13, units(value.hold_open), true);
  });
  return seal(COMMAND, payload);
}

export function eventAck(stream: number, sequence: number): number[] {
  const payload = write(6, (view) => {
    view.setUint32(0, stream, true);
    view.setUint16(4, sequence, true);
  });
  return seal(EVENT_ACK, payload);
}

/** @throws CodedError `time_out_of_range` for a time outside 0 to 655,350 ms. */
export function settings(value: BoardSettings): number[] {
  const payload = write(9, (view) => {
    view.setUint16(0, units(value.closing_delay), true);
    view.setUint16(2, units(value.max_open), true);
    view.setUint16(4, units(value.motion_timeout), true);
    view.setUint16(6, units(value.unused_open), true);
    view.setUint8(8, value.self_close ? 1 : 0);
  });
  return seal(SETTINGS, payload);
}

export type BoardMessage =
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'ack'; readonly ack: CommandAck }
  | { readonly type: 'event'; readonly event: BoardEvent };

/** What the board said, or null when it is damaged or no message of ours. `packed` is what came between the command byte and END_SYSEX. */
export function read(command: number, packed: Iterable<number>): BoardMessage | null {
  const payload = unseal(command, packed);
  if (payload === null) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  switch (command) {
    case STATUS:
      return payload.length === STATUS_LENGTH ? { type: 'status', status: readStatus(view) } : null;
    case COMMAND_ACK:
      return payload.length === COMMAND_ACK_LENGTH ? { type: 'ack', ack: readAck(view) } : null;
    case EVENT:
      if (payload.length < EVENT_HEAD || payload.length > EVENT_HEAD + EVENT_DATA_LIMIT) return null;
      return { type: 'event', event: readEvent(view, payload.slice(EVENT_HEAD)) };
    default:
      return null;
  }
}

function readStatus(view: DataView): Status {
  return {
    nonce: view.getUint16(0, true),
    boot: view.getUint32(2, true),
    uptime: view.getUint32(6, true),
    state: view.getUint8(10),
    inputs: view.getUint8(11),
    flags: view.getUint8(12),
    faults: view.getUint16(13, true),
    last_sequence: view.getUint16(15, true),
    openings: view.getUint32(17, true),
    stream: view.getUint32(21, true),
    next_event: view.getUint16(25, true),
    pending: view.getUint8(27),
    lost_events: view.getUint8(28),
    crc_errors: view.getUint8(29),
    refused_writes: view.getUint8(30),
    reset_reason: view.getUint8(31),
    version: view.getUint8(32),
  };
}

function readAck(view: DataView): CommandAck {
  const result = view.getUint8(6);
  return {
    boot: view.getUint32(0, true),
    sequence: view.getUint16(4, true),
    result: result & 0x7f,
    duplicate: result > 0x7f,
  };
}

function readEvent(view: DataView, data: Uint8Array): BoardEvent {
  return {
    stream: view.getUint32(0, true),
    sequence: view.getUint16(4, true),
    boot: view.getUint32(6, true),
    time: view.getUint32(10, true),
    type: view.getUint8(14),
    data,
  };
}

function write(length: number, fill: (view: DataView) => void): Uint8Array {
  const payload = new Uint8Array(length);
  fill(new DataView(payload.buffer));
  return payload;
}

function units(ms: number): number {
  const value = Math.round(ms / UNIT_MS);
  if (!(value >= 0 && value <= 0xffff))
    throw new CodedError('time_out_of_range', 'A time outside 0 to 655,350 ms', { ms });
  return value;
}
