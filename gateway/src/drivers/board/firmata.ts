import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { CodedError } from '@palang/contract/errors';
import type { FilteredTransport } from './filter.js';
import { FROM_BOARD } from './messages.js';

/** The parts of firmata-io 2.3 that are used here; it ships no types. */
export interface Firmata extends EventEmitter {
  readonly isReady: boolean;
  /** Empty until the board has told it. */
  readonly firmware: { readonly name?: string; readonly version?: { readonly major: number; readonly minor: number } };
  readonly pins: readonly { readonly supportedModes: readonly number[] }[];
  readonly MODES: { readonly OUTPUT: number };
  readonly HIGH: 1;
  readonly LOW: 0;
  transport: FilteredTransport | null;
  readonly reportVersionTimeoutId: NodeJS.Timeout;
  sysexCommand(message: readonly number[]): void;
  sysexResponse(command: number, handler: (this: Firmata, packed: number[]) => void): void;
}

interface FirmataClass {
  new (transport: FilteredTransport, options: { reportVersionTimeout: number }): Firmata;
  /** One table for the whole process, whatever the library's face suggests. */
  readonly SYSEX_RESPONSE: Readonly<Record<number, unknown>>;
}

/**
 * A board whose opening does not reset it says its version only when asked, and firmata-io asks after this time: its own 5 s would be 5 s without a lane.
 */
const VERSION_WAIT_MS = 300;

type SysexListener = (command: number, packed: readonly number[]) => void;

const { Firmata: FirmataIo } = createRequire(import.meta.url)('firmata-io') as { Firmata: FirmataClass };
const listeners = new WeakMap<Firmata, SysexListener>();
let registered = false;

/**
 * A new Firmata client on a transport that is about to open; `onSysex` hears the board's messages of ours once its version is known.
 * @throws CodedError `sysex_taken` when something else in this process has taken our numbers.
 */
export function connectFirmata(transport: FilteredTransport, onSysex: SysexListener): Firmata {
  const io = new FirmataIo(transport, { reportVersionTimeout: VERSION_WAIT_MS });
  if (!registered) register(io);
  listeners.set(io, onSysex);
  return io;
}

/** Once for all connections: a second registration throws, and the handler is told whose message it is. */
function register(io: Firmata): void {
  const taken = FROM_BOARD.filter((command) => FirmataIo.SYSEX_RESPONSE[command] !== undefined);
  if (taken.length > 0)
    throw new CodedError('sysex_taken', 'Sysex commands of ours are taken in this process', { taken });
  for (const command of FROM_BOARD) {
    io.sysexResponse(command, function (this: Firmata, packed: number[]) {
      listeners.get(this)?.(command, packed);
    });
  }
  registered = true;
}

/** Lets a client go whose line is closed: no timer and no listener of it stays behind. */
export function forgetFirmata(io: Firmata): void {
  clearTimeout(io.reportVersionTimeoutId);
  listeners.delete(io);
  io.removeAllListeners();
  // johnny-five keeps each client for ever (its maps of lamps and pins are never emptied); the port behind it it shall not keep.
  io.transport = null;
  // A late error of a dead connection is not news, and without a listener it would end the process.
  io.on('error', () => undefined);
}
