import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Eeprom } from '@palang/emulator/eeprom';

/** Keeps a board's EEPROM in a file, so that its counters go on where they stood. */
export class EepromFile {
  readonly #path: string;
  #savedVersion = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined (an erased chip) when there is no file yet. */
  load(): Uint8Array | undefined {
    try {
      return readFileSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  saveWhenChanged(eeprom: Eeprom): void {
    if (eeprom.version === this.#savedVersion) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, eeprom.bytes);
    renameSync(`${this.#path}.new`, this.#path);
    this.#savedVersion = eeprom.version;
  }
}
