import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { SerialPort as SerialPortType } from 'serialport';

/** The gateway's serial stack, unmodified. firmata-io and johnny-five ship no types; these are the parts the tests touch. */

export interface FirmataBoard extends EventEmitter {
  readonly firmware: { readonly name: string; readonly version: { major: number; minor: number } };
  readonly pins: readonly { readonly supportedModes: readonly number[] }[];
  readonly MODES: { readonly OUTPUT: number };
}

interface JohnnyFive {
  readonly Board: new (options: { io: FirmataBoard; repl: false; sigint: false; debug: false }) => EventEmitter;
  readonly Led: new (options: { pin: number; board: EventEmitter }) => { blink(ms: number): void; stop(): void };
}

const require = createRequire(import.meta.url);

export const { SerialPort } = require('serialport') as { SerialPort: typeof SerialPortType };
export const { Firmata } = require('firmata-io') as {
  Firmata: new (transport: unknown, options: { reportVersionTimeout: number }) => FirmataBoard;
};
export const five = require('johnny-five') as JohnnyFive;
