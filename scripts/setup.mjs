// Brings a fresh clone to where the project can run. Plain Node, no dependency: it runs before any is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command with its output shown; a failure ends the script with a line that names it. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error !== undefined) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${[command, ...args].join(' ')} ended with ${result.status ?? result.signal}`);
}

export function fail(message) {
  console.error(`palang: ${message}`);
  process.exit(1);
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or newer is needed, this is ${process.versions.node}`);
}

/** Installs the npm packages when they are missing or the lock file has changed since. */
export function ensurePackages() {
  checkNode();
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.palang-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('palang: installing packages');
  // Not `npm ci`: it refuses a lock file that leaves out another platform's optional binary, as npm itself writes it
  // when a registry does not have that binary. The versions are the lock file's either way, and --no-save leaves it as it is.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { env: buildEnvironment() });
  writeFileSync(stamp, lock);
}

/** Headers for packages that compile are taken from beside the running Node, never from the network. */
function buildEnvironment() {
  const prefix = resolve(dirname(process.execPath), '..');
  const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return headers ? { ...process.env, npm_config_nodedir: prefix } : process.env;
}

/** Debian packages by the file each brings; installs those whose file is missing. */
export function ensureDebianPackages(wanted) {
  const missing = wanted.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) fail(`these Debian packages are needed: ${missing.join(' ')}`);
  console.log(`palang: installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Compiles what changed: TypeScript incrementally, the PWA when any of its sources is newer than its last build. */
export function build() {
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b']);
  const marker = join(root, 'pwa', 'dist', 'index.html');
  const sources = ['pwa', 'hub/contract/src', 'hub/client/src'].map((folder) => newest(join(root, folder)));
  if (existsSync(marker) && statSync(marker).mtimeMs > Math.max(...sources)) return;
  mkdirSync(join(root, 'pwa', 'dist'), { recursive: true });
  run('npm', ['run', '--silent', 'build', '--workspace', 'pwa'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['dist', 'build', 'node_modules'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}
