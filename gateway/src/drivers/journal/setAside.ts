import { existsSync, renameSync } from 'node:fs';

/** Renames a SQLite file with its -wal and -shm to `<path>.damaged-<epoch ms>` and returns that name. Nothing is deleted. */
export function setAside(path: string): string {
  const name = `${path}.damaged-${Date.now()}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, name + suffix);
  }
  return name;
}
