import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** The process's environment over a `.env` file in the given folder, if there is one. */
export function readEnvironment(folder: string): Record<string, string | undefined> {
  const file = `${folder}/.env`;
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return { ...fromFile, ...process.env };
}

/** A secret that a container runtime mounts as a file. @throws when it cannot be read. */
export function readSecret(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
