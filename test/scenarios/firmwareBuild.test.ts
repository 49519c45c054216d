import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ARDUINO = fileURLToPath(new URL('../../../arduino', import.meta.url));
const build = mkdtempSync(join(tmpdir(), 'palang-firmware-'));
after(() => rmSync(build, { recursive: true, force: true }));

function make(...args: string[]): string {
  const made = spawnSync('make', ['-C', ARDUINO, `BUILD=${build}`, ...args], { encoding: 'utf8' });
  assert.equal(made.status, 0, `make ${args.join(' ')}:\n${made.stdout}\n${made.stderr}`);
  return made.stdout;
}

test('the committed hex is what the sources build to, byte for byte, on an empty build folder', () => {
  make('verify-hex');
});

test("the board's core passes its unit tests on the host compiler", () => {
  assert.match(make('host-test'), /[1-9]\d* tests, 0 failed/);
});

test('over 1,000,000 random steps the board never starts or continues closing on an occupied loop', () => {
  assert.match(make('fuzz', 'STEPS=1000000', 'SEED=20261123'), /no violation/);
});

test('the random walk finds the bugs that are planted for it', () => {
  make('planted-bugs');
});
