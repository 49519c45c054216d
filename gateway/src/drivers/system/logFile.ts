import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Appends lines to `path`; when it would grow beyond `bytes` it becomes `path.1`, `path.1` becomes `path.2`, and so on up to `keep` old files.
 * A file that cannot be written is told once on stderr and left alone for `pause` ms, then tried again: a log must not stop a lane.
 */
export function createLogFile(path: string, bytes = 5 * 1024 * 1024, keep = 3, pause = 60_000): (line: string) => void {
  mkdirSync(dirname(path), { recursive: true });
  let size = existsSync(path) ? statSync(path).size : 0;
  let failedAt: number | null = null;
  return (line) => {
    if (failedAt !== null && performance.now() - failedAt < pause) return;
    try {
      const length = Buffer.byteLength(line);
      if (size > 0 && size + length > bytes) {
        rotate(path, keep);
        size = 0;
      }
      appendFileSync(path, line);
      size += length;
      failedAt = null;
    } catch (error) {
      if (failedAt === null) process.stderr.write(`The log file cannot be written: ${String(error)}\n`);
      failedAt = performance.now();
    }
  };
}

function rotate(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true });
  for (let index = keep - 1; index >= 1; index--) {
    if (existsSync(`${path}.${index}`)) renameSync(`${path}.${index}`, `${path}.${index + 1}`);
  }
  renameSync(path, `${path}.1`);
}
