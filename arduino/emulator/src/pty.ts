import { spawnSync } from 'node:child_process';
import { closeSync, readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}

const require = createRequire(import.meta.url);
const READ_SIZE = 512;

/** What a look at the master gives: bytes, nothing yet, or nobody has the other side open. */
export type PtyRead = Uint8Array | 'idle' | 'closed';

/** A pseudo terminal without a program on it: we hold the master, the host opens `path` like any serial device. */
export class Pty {
  readonly path: string;
  readonly #master: number;
  readonly #buffer = new Uint8Array(READ_SIZE);

  /** Throws when the machine has no pty for us, or no `stty` to make it binary clean. */
  constructor() {
    const { requireBinary } = require('@lydell/node-pty/requireBinary.js') as {
      requireBinary(file: string): NativePty;
    };
    const { master, slave, pty } = requireBinary('pty.node').open(80, 24);
    this.#master = master;
    this.path = pty;
    // The settings outlive the closing of the slave for as long as the master is open.
    const raw = spawnSync('stty', ['-F', pty, 'raw', '-echo', '-onlcr']);
    closeSync(slave);
    if (raw.status !== 0) {
      closeSync(master);
      throw new Error(`cannot make ${pty} raw: ${raw.error?.message ?? raw.stderr.toString().trim()}`);
    }
  }

  /** Takes what the host has written, without waiting. The returned bytes are valid until the next read. */
  read(): PtyRead {
    try {
      return this.#buffer.subarray(0, readSync(this.#master, this.#buffer));
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return 'idle';
      // Linux answers EIO on the master from the moment the last holder of the slave has closed it.
      if (codeOf(error) === 'EIO') return 'closed';
      throw error;
    }
  }

  /** Gives bytes to the host and returns how many it took; fewer when it does not read, as nothing can make a serial line wait. */
  write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#master, bytes);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN' || codeOf(error) === 'EIO') return 0;
      throw error;
    }
  }

  /** Hangs up: the host sees its device vanish. */
  close(): void {
    closeSync(this.#master);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
