import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PWA } from './fakeHub/reply.js';

const KB = 1_024;
const assets = join(PWA, 'assets');

async function gzipped(path: string): Promise<number> {
  return gzipSync(await readFile(path)).length;
}

/** What index.html loads, and one language, which the first screen cannot do without. */
async function initial(extension: 'js' | 'css'): Promise<number> {
  const html = await readFile(join(PWA, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  const languages = extension === 'js' ? (await readdir(assets)).filter((name) => /^id-.*\.js$/.test(name)) : [];
  const files = [
    ...named.filter((path) => path.endsWith(`.${extension}`)),
    ...languages.map((name) => `assets/${name}`),
  ];
  assert.ok(files.length > (extension === 'js' ? 1 : 0), 'the page names its files');
  const sizes = await Promise.all(files.map((path) => gzipped(join(PWA, path))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('the first load stays small: 45 KB of script and 12 KB of style, gzipped', async () => {
  const [script, style] = [await initial('js'), await initial('css')];
  assert.ok(script <= 45 * KB, `${(script / KB).toFixed(1)} KB of script`);
  assert.ok(style <= 12 * KB, `${(style / KB).toFixed(1)} KB of style`);
});

test('the service worker stays under 12 KB gzipped and is no module', async () => {
  const worker = await readFile(join(PWA, 'sw.js'), 'utf8');
  assert.ok(gzipSync(worker).length <= 12 * KB);
  assert.doesNotMatch(worker, /\bexport\b/);
});

test('each language is a chunk of its own', async () => {
  const names = await readdir(assets);
  for (const locale of ['id', 'en'])
    assert.equal(names.filter((name) => new RegExp(`^${locale}-.*\\.js$`).test(name)).length, 1);
});
