import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { report } from './report.js';

const DIST = fileURLToPath(new URL('../../../pwa/dist', import.meta.url));

/** gzip size in KB (1000 bytes) of the scripts that index.html names: what a first visit must load before anything shows. */
function initialScripts(): number {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map((match) => match[1] ?? '');
  return (
    named.reduce((total, name) => total + gzipSync(readFileSync(join(DIST, name)), { level: 9 }).length, 0) / 1_000
  );
}

function allScripts(): number {
  const files = readdirSync(join(DIST, 'assets')).filter((name) => name.endsWith('.js'));
  return (
    files.reduce((total, name) => total + gzipSync(readFileSync(join(DIST, 'assets', name)), { level: 9 }).length, 0) /
    1_000
  );
}

const initial = initialScripts();
report('pwaSize', [
  {
    what: 'PWA initial JavaScript',
    unit: 'KB gzip',
    value: initial,
    reference: 45,
    against: 'the budget',
    ratio: initial / 45,
    aim: '<= 1',
  },
  {
    what: 'PWA all JavaScript',
    unit: 'KB gzip',
    value: allScripts(),
    reference: null,
    against: null,
    ratio: null,
    aim: null,
  },
]);
