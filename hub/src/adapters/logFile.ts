import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * Appends lines to a file that is set aside as `.1`, `.2` ... when it has grown to `maxBytes`; `keep` old ones stay.
 * A line goes to the page cache at once, so that what preceded a crash can be read.
 */
export function openLogFile(folder: string, name: string, maxBytes = 10_000_000, keep = 5): LogFile {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  let file = openSync(path, 'a', 0o640);
  let size = fstatSync(file).size;

  function rotate(): void {
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let old = keep - 1; old >= 1; old--) {
      if (existsSync(`${path}.${old}`)) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
    }
    renameSync(path, `${path}.1`);
    file = openSync(path, 'a', 0o640);
    size = 0;
  }

  return {
    write(line) {
      const bytes = Buffer.from(`${line}\n`);
      if (size > 0 && size + bytes.length > maxBytes) rotate();
      size += writeSync(file, bytes);
    },
    close: () => closeSync(file),
  };
}
