import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * Appends lines to a file that is set aside as `.1`, `.2` ... when it has grown to `maxBytes`; `keep` old ones stay.
 * A line goes to the page cache at once, so that what preceded a crash can be read. A disk that is full costs lines, never the
 * process: `report` is told once, and how many were lost stands in the file when it can be written again.
 * @throws when the file cannot be opened at the start.
 */
export function openLogFile(
  folder: string,
  name: string,
  report: (error: unknown) => void,
  maxBytes = 10_000_000,
  keep = 5,
): LogFile {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  /** Null while it could not be opened again: a number that was closed may be another file's by now. */
  let file: number | null = null;
  let size = 0;
  let lost = 0;
  open();

  function open(): number {
    file = openSync(path, 'a', 0o640);
    size = fstatSync(file).size;
    return file;
  }

  function close(): void {
    if (file === null) return;
    const old = file;
    file = null;
    closeSync(old);
  }

  function rotate(): void {
    close();
    rmSync(`${path}.${keep}`, { force: true });
    for (let old = keep - 1; old >= 1; old--) {
      if (existsSync(`${path}.${old}`)) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
    }
    renameSync(path, `${path}.1`);
  }

  function append(bytes: Buffer): void {
    if (size > 0 && size + bytes.length > maxBytes) rotate();
    size += writeSync(file ?? open(), bytes);
  }

  return {
    write(line) {
      try {
        append(Buffer.from(lost === 0 ? `${line}\n` : `(${lost} lines could not be written)\n${line}\n`));
        lost = 0;
      } catch (error) {
        lost += 1;
        if (lost === 1) report(error);
      }
    },
    close,
  };
}
