import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { KeyFiles } from '../../keys/files.js';

/** Small whole files of the data folder. Synchronous: they are read at the start and written once in a gateway's life. */
export const systemFiles: KeyFiles = {
  read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null),
  /** Whole or not at all, and on the disk when it returns. */
  write(path, text) {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(temporary, 0o600);
    renameSync(temporary, path);
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  },
  remove: (path) => rmSync(path, { force: true }),
};
