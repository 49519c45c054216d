import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { attach } from './attachment.js';
import type { EmulatedBoard } from './board.js';
import { Pty } from './pty.js';
import type { PolledLine } from './realtime.js';

/** A closed line is looked at in every tenth slice only: this is how late the reset comes after the opening. */
const CLOSED_SKIP = 10;
/**
 * From the last byte to the hang-up when the cable is pulled, as a USB host needs some time to notice. It also keeps clear of a fault in
 * serialport 13: a hang-up between two of its reads makes it read zero bytes for ever, at full load, and never report the disconnect.
 */
const HANG_UP_DELAY_MS = 20;

/**
 * The board's USB serial port as a real tty. `path` is a symbolic link to the current /dev/pts device, as udev makes one for a real board.
 * Opening it resets the board. It lives by a RealTimePacer's `poll`; two openings closer together than a slice pass for one.
 */
export class BoardTty implements PolledLine {
  readonly #board: EmulatedBoard;
  readonly #path: string;
  #pty: Pty | undefined;
  #line: { detach(): void } | undefined;
  #skipped = 0;
  #toHost: number[] = [];

  /** Bytes that the host did not read in time. */
  droppedBytes = 0;

  constructor(board: EmulatedBoard, path: string) {
    this.#board = board;
    this.#path = path;
  }

  get plugged(): boolean {
    return this.#pty !== undefined;
  }

  /** True while a host holds the port open. */
  get opened(): boolean {
    return this.#line !== undefined;
  }

  /** Puts the cable in: a new device appears behind `path`. Does nothing when it is already in. */
  plug(): void {
    if (this.#pty !== undefined) return;
    this.#pty = new Pty();
    mkdirSync(dirname(this.#path), { recursive: true });
    rmSync(this.#path, { force: true });
    symlinkSync(this.#pty.path, this.#path);
  }

  /** Pulls the cable: the host sees a real disconnect and `path` is gone. The board keeps its power. */
  unplug(): void {
    const pty = this.#pty;
    if (pty === undefined) return;
    this.#pty = undefined;
    rmSync(this.#path, { force: true });
    this.#closed();
    setTimeout(() => pty.close(), HANG_UP_DELAY_MS);
  }

  /** Puts bytes on the line to the host that the board never sent, as a bad cable does. */
  inject(bytes: Iterable<number>): void {
    if (this.opened) this.#toHost.push(...bytes);
  }

  take(): void {
    if (this.#pty === undefined) return;
    this.#skipped = (this.#skipped + 1) % CLOSED_SKIP;
    if (!this.opened && this.#skipped !== 0) return;
    // A host that sends faster than the wire is made to wait by the kernel, as a USB adapter would.
    if (this.opened && !this.#board.uart.hasRoom) return;
    const read = this.#pty.read();
    if (read === 'closed') this.#closed();
    else {
      this.#line ??= attach(this.#board, (byte) => this.#toHost.push(byte));
      if (read !== 'idle') this.#board.uart.send(read);
    }
  }

  give(): void {
    if (this.#pty === undefined || this.#toHost.length === 0) return;
    this.droppedBytes += this.#toHost.length - this.#pty.write(Uint8Array.from(this.#toHost));
    this.#toHost = [];
  }

  #closed(): void {
    this.#line?.detach();
    this.#line = undefined;
    this.#toHost = [];
  }
}
