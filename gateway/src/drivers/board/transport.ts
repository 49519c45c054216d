import type { EventEmitter } from 'node:events';
import { SerialPort } from 'serialport';

/**
 * One opening of a serial line: emits `open`, `data` (Buffer), `error`, `close`. Good for one opening only: serialport delivers bytes written while
 * unplugged when the same object is opened again, which would move a barrier late.
 */
export interface Transport extends EventEmitter {
  readonly isOpen: boolean;
  write(bytes: Buffer, done: (error?: Error | null) => void): unknown;
  close(done: (error?: Error | null) => void): void;
}

export type OpenTransport = (path: string) => Transport;

const BAUD_RATE = 57_600;

/**
 * Opens a serial device; the name is resolved anew each time, so that a symbolic link made by udev follows the board from socket to socket.
 * `hupcl: false` spares a board a reset when we let go of it.
 */
export function openSerial(path: string): Transport {
  return new SerialPort({ path, baudRate: BAUD_RATE, hupcl: false });
}
