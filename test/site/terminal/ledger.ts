import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { Charge } from './messages.js';

/** Where a terminal keeps its charges; `save` returns when they would survive the end of the process. */
export interface Ledger {
  load(): readonly Charge[];
  save(charges: readonly Charge[]): void;
}

/** For runs on virtual time: remembers as long as the object lives. */
export class MemoryLedger implements Ledger {
  #charges: readonly Charge[] = [];

  load(): readonly Charge[] {
    return this.#charges;
  }

  save(charges: readonly Charge[]): void {
    this.#charges = structuredClone(charges);
  }
}

/** One JSON file, replaced as a whole. */
export class FileLedger implements Ledger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Empty when there is no file yet; throws when it cannot be read or is not a ledger, as forgetting charges would charge twice. */
  load(): readonly Charge[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    return z.array(Charge).parse(JSON.parse(text));
  }

  save(charges: readonly Charge[]): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const draft = `${this.#path}.new`;
    const file = openSync(draft, 'w');
    try {
      writeSync(file, JSON.stringify(charges));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.#path);
  }
}
