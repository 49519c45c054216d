import { Duplex } from 'node:stream';
import { attach } from './attachment.js';
import type { EmulatedBoard } from './board.js';

/**
 * One opening of the board's serial port, in this process. Making it resets the board, as DTR does on an Uno. It has the events and
 * methods that a SerialPort has and firmata-io needs: `open`, `data`, `error`, `close`, `write(buffer, callback)`.
 * Like a SerialPort it is good for one opening: after `close` make a new one.
 */
export class BoardSerial extends Duplex {
  readonly #board: EmulatedBoard;
  readonly #line: { detach(): void };

  #closedBy: (Error & { readonly disconnected: true }) | null = null;

  constructor(board: EmulatedBoard) {
    super({ emitClose: false });
    this.#board = board;
    this.#line = attach(board, (byte) => this.push(Uint8Array.of(byte)));
    process.nextTick(() => {
      if (!this.destroyed) this.emit('open');
    });
  }

  get isOpen(): boolean {
    return !this.destroyed;
  }

  /** The cable is pulled: what is on the wire is lost and `close` carries an error that is `disconnected`, as SerialPort's does. */
  unplug(): void {
    this.#closedBy = Object.assign(new Error('the cable was pulled'), { disconnected: true as const });
    this.destroy();
  }

  /** Closes the port, as the owner does it. */
  close(callback?: (error: Error | null) => void): void {
    this.once('close', () => callback?.(null));
    this.destroy();
  }

  override _read(): void {
    // Bytes come when the board sends them; a serial line cannot be asked to wait.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#board.uart.send(chunk);
    if (this.#board.uart.hasRoom) callback();
    else this.#board.uart.onDrain(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#line.detach();
    callback(error);
    process.nextTick(() => this.emit('close', this.#closedBy));
  }
}
