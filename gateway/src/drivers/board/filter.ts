import { EventEmitter } from 'node:events';
import { CodedError } from '@palang/contract/errors';
import { FROM_BOARD } from './messages.js';
import type { Transport } from './transport.js';

const START_SYSEX = 0xf0;
const END_SYSEX = 0xf7;
const FIRMWARE = 0x79;
const CAPABILITIES = 0x6c;
const ANALOG_MAPPING = 0x6a;

const REPORT_VERSION = 0xf9;
/** Reports of a port or an analog input carry its number in the lower half. */
const PORT_REPORT = 0x90;
const ANALOG_REPORT = 0xe0;
const REPORT_LENGTH = 3;

/** The longest sysex that the lane controller sends is its capability response, some 85 bytes. */
const SYSEX_LIMIT = 128;
const FIRMWARE_LEAST = 6;
const PIN_COUNT = 20;
const NO_MORE_MODES = 0x7f;

/**
 * Stands between a serial line and firmata-io, whose buffer grows without limit when an END_SYSEX is lost and which takes a cut-off
 * report together with what follows it: only whole messages of bounded length and known kind pass. Nothing is written to a line that is not open: serialport would keep it.
 */
export class FilteredTransport extends EventEmitter {
  readonly #line: Transport;
  #pinsKnown = false;
  #pinsMapped = false;
  /** At most one of these is on its way. */
  #sysex: number[] | null = null;
  #report: number[] | null = null;

  /** Bytes that never reached firmata-io. */
  discarded = 0;
  refusedWrites = 0;

  constructor(line: Transport) {
    super();
    this.#line = line;
    line.on('open', () => this.emit('open'));
    line.on('data', (chunk: Uint8Array) => this.#take(chunk));
    line.on('error', (error: Error) => this.emit('error', error));
    line.on('close', () => this.emit('close'));
  }

  /** Whether the board has told its pins. */
  get pinsKnown(): boolean {
    return this.#pinsKnown;
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  write(bytes: Buffer, done: (error?: Error | null) => void = () => undefined): void {
    if (this.#line.isOpen) {
      this.#line.write(bytes, done);
      return;
    }
    this.refusedWrites += 1;
    done(new CodedError('line_closed', 'Not written: the line is not open'));
  }

  #take(chunk: Uint8Array): void {
    const passed: number[] = [];
    for (const byte of chunk) this.#byte(byte, passed);
    if (passed.length > 0) this.emit('data', passed);
  }

  #byte(byte: number, passed: number[]): void {
    if (byte < 0x80) this.#data(byte, passed);
    else if (byte === END_SYSEX) this.#endSysex(passed);
    else {
      this.#drop();
      if (byte === START_SYSEX) this.#sysex = [byte];
      else if (isReport(byte)) this.#report = [byte];
      else this.discarded += 1;
    }
  }

  #data(byte: number, passed: number[]): void {
    if (this.#sysex !== null && this.#sysex.length < SYSEX_LIMIT) this.#sysex.push(byte);
    else if (this.#report !== null) {
      this.#report.push(byte);
      if (this.#report.length < REPORT_LENGTH) return;
      passed.push(...this.#report);
      this.#report = null;
    }
    // Nobody's data, or a sysex that is too long, whose rest is counted until it ends or a new message comes.
    else this.discarded += 1;
  }

  #endSysex(passed: number[]): void {
    const sysex = this.#sysex;
    this.#sysex = null;
    if (sysex === null) this.#drop();
    sysex?.push(END_SYSEX);
    if (sysex !== null && this.#wanted(sysex)) passed.push(...sysex);
    else this.discarded += sysex?.length ?? 1;
  }

  /** firmata-io trusts what it is told: on nonsense in these, and in all the others that it knows, its handlers throw. */
  #wanted(sysex: readonly number[]): boolean {
    if (sysex.length > SYSEX_LIMIT) return false;
    const [, kind = END_SYSEX] = sysex;
    switch (kind) {
      case FIRMWARE:
        return sysex.length >= FIRMWARE_LEAST;
      case CAPABILITIES:
        if (this.#pinsKnown || sysex.filter((byte) => byte === NO_MORE_MODES).length !== PIN_COUNT) return false;
        this.#pinsKnown = true;
        return true;
      case ANALOG_MAPPING:
        if (!this.#pinsKnown || this.#pinsMapped || sysex.length !== PIN_COUNT + 3) return false;
        this.#pinsMapped = true;
        return true;
      default:
        return FROM_BOARD.includes(kind);
    }
  }

  #drop(): void {
    this.discarded += (this.#sysex ?? this.#report)?.length ?? 0;
    this.#sysex = null;
    this.#report = null;
  }
}

function isReport(byte: number): boolean {
  const kind = byte & 0xf0;
  return byte === REPORT_VERSION || kind === PORT_REPORT || kind === ANALOG_REPORT;
}
