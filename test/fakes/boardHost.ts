import type { EmulatedBoard } from '@palang/emulator/board';

/** A host of the lane controller, written from arduino/PROTOCOL.md alone, for tests that need one without a gateway. */

export const OPERATION = { raise: 1, lower: 2, hold: 3, release: 4, stop: 5 } as const;
export const EVENT = {
  input: 1,
  card: 2,
  cardError: 3,
  button: 4,
  state: 5,
  fault: 6,
  opening: 7,
  passage: 8,
} as const;

const START = 0xf0;
const END = 0xf7;
const PING_MS = 500;

export interface BoardEvent {
  readonly stream: number;
  readonly sequence: number;
  /** Board time of the event, milliseconds of its boot. */
  readonly time: number;
  readonly type: number;
  readonly data: readonly number[];
}

interface Status {
  readonly boot: number;
  readonly uptime: number;
  readonly state: number;
  readonly faults: number;
  readonly lastSequence: number;
  readonly openings: number;
  readonly crcErrors: number;
  /** Our clock when it came. */
  readonly at: number;
}

export class BoardHost {
  readonly #board: EmulatedBoard;
  #frame: number[] = [];
  #sequence: number | undefined;
  status: Status | undefined;
  /** Results of commands, in order. */
  readonly results: number[] = [];
  /** Events, each once. */
  readonly events: BoardEvent[] = [];
  #stopPinging: () => void = () => undefined;
  readonly #stopListening: () => void;

  /** Opens the port (resets the board), and pings every 500 ms from then on. */
  constructor(board: EmulatedBoard) {
    this.#board = board;
    this.#stopListening = board.uart.onByte((byte) => this.#byte(byte));
    board.reset('external');
    board.uart.send([END]);
    this.#ping();
  }

  /** The host falls silent, as a crashed gateway does. */
  stop(): void {
    this.#stopPinging();
  }

  /** Nothing the board says reaches this host any more, so it acknowledges nothing. */
  deafen(): void {
    this.#stopListening();
  }

  /** Sends a command stamped now; its outcome appears in `results`. Throws before the first STATUS. */
  command(operation: number, options: { argument?: number; ageMs?: number } = {}): void {
    const { status } = this;
    if (status === undefined) throw new Error('no STATUS has come yet');
    this.#sequence = ((this.#sequence ?? status.lastSequence) + 1) & 0xffff;
    const stamp = Math.floor(status.uptime + this.#board.nowMs - status.at - (options.ageMs ?? 0));
    this.#send(0x02, [
      ...littleEndian(status.boot, 4),
      ...littleEndian(this.#sequence, 2),
      operation,
      ...littleEndian(stamp, 4),
      ...littleEndian(2_000, 2),
      ...littleEndian(options.argument ?? 0, 2),
    ]);
  }

  #ping(): void {
    this.#send(0x01, [0, 0]);
    this.#stopPinging = this.#board.schedule(this.#board.nowMs + PING_MS, () => this.#ping());
  }

  #send(command: number, payload: readonly number[]): void {
    const crc = crc16([command, ...payload]);
    this.#board.uart.send([START, command, ...pack([...payload, crc >> 8, crc & 0xff]), END]);
  }

  #byte(byte: number): void {
    if (byte === START) this.#frame = [];
    else if (byte !== END) this.#frame.push(byte);
    else this.#message(this.#frame);
  }

  #message([command = 0, ...packed]: readonly number[]): void {
    if (command < 1 || command > 3) return;
    const bytes = unpack(packed);
    const payload = bytes.slice(0, -2);
    if (crc16([command, ...payload]) !== (bytes.at(-2) ?? 0) * 256 + (bytes.at(-1) ?? 0)) {
      throw new Error(`the board sent a frame with a wrong CRC: ${command} ${bytes}`);
    }
    const view = new DataView(Uint8Array.from(payload).buffer);
    if (command === 1) this.#takeStatus(view);
    else if (command === 2) this.results.push(view.getUint8(6));
    else this.#takeEvent(view, payload);
  }

  #takeStatus(view: DataView): void {
    this.status = {
      boot: view.getUint32(2, true),
      uptime: view.getUint32(6, true),
      state: view.getUint8(10),
      faults: view.getUint16(13, true),
      lastSequence: view.getUint16(15, true),
      openings: view.getUint32(17, true),
      crcErrors: view.getUint8(29),
      at: this.#board.nowMs,
    };
  }

  #takeEvent(view: DataView, payload: readonly number[]): void {
    const [stream, sequence] = [view.getUint32(0, true), view.getUint16(4, true)];
    this.#send(0x03, [...littleEndian(stream, 4), ...littleEndian(sequence, 2)]);
    if (this.events.some((event) => event.stream === stream && event.sequence === sequence)) return;
    this.events.push({
      stream,
      sequence,
      time: view.getUint32(10, true),
      type: view.getUint8(14),
      data: payload.slice(15),
    });
  }
}

function littleEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}

/** CRC-16/CCITT-FALSE. */
function crc16(bytes: readonly number[]): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

function pack(bytes: readonly number[]): number[] {
  return regroup(bytes, 8, 7, true);
}

function unpack(groups: readonly number[]): number[] {
  return regroup(groups, 7, 8, false);
}

function regroup(values: readonly number[], from: number, to: number, keepRest: boolean): number[] {
  const out: number[] = [];
  let [held, bits] = [0, 0];
  for (const value of values) {
    held |= value << bits;
    for (bits += from; bits >= to; bits -= to) {
      out.push(held & ((1 << to) - 1));
      held >>>= to;
    }
  }
  if (keepRest && bits > 0) out.push(held);
  return out;
}
