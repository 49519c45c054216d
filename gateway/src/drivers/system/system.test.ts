import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../testing/folder.js';
import { bootId } from './boot.js';
import { systemClock } from './clock.js';
import { systemFiles } from './files.js';
import { createLogFile } from './logFile.js';
import { sha256 } from './sha256.js';

test('a log file is rotated by size and keeps so many old ones', (t) => {
  const path = join(temporaryFolder(t), 'logs', 'gate_in.log');
  const write = createLogFile(path, 100, 2);
  for (let i = 0; i < 10; i++) write(`${i} ${'x'.repeat(40)}\n`);
  const digits = (name: string) =>
    readFileSync(name, 'utf8')
      .split('\n')
      .map((line) => line[0])
      .filter(Boolean);
  assert.deepEqual(
    [digits(path), digits(`${path}.1`), digits(`${path}.2`)],
    [
      ['8', '9'],
      ['6', '7'],
      ['4', '5'],
    ],
  );
  assert.equal(existsSync(`${path}.3`), false);
  createLogFile(path, 100, 2)(`a ${'x'.repeat(40)}\n`);
  assert.deepEqual(digits(`${path}.1`), ['8', '9'], 'the size is known again after a restart');
});

test('a log file that could not be written is written again once it can be', (t) => {
  const folder = join(temporaryFolder(t), 'logs');
  const path = join(folder, 'gate_in.log');
  const write = createLogFile(path, 1_000, 2, 0);
  rmSync(folder, { recursive: true });
  write('lost\n');
  mkdirSync(folder);
  write('kept\n');
  assert.equal(readFileSync(path, 'utf8'), 'kept\n');
});

test('a private file is whole, readable by its owner only, and replaced in one step', (t) => {
  const path = join(temporaryFolder(t), 'deep', 'key');
  assert.equal(systemFiles.read(path), null);
  systemFiles.write(path, 'one');
  systemFiles.write(path, 'two');
  assert.deepEqual([systemFiles.read(path), statSync(path).mode & 0o777], ['two', 0o600]);
  systemFiles.remove(path);
  systemFiles.remove(path);
  assert.equal(systemFiles.read(path), null);
});

test('a private file that was left open to others is closed again when it is written', (t) => {
  const path = join(temporaryFolder(t), 'key');
  writeFileSync(path, 'old', { mode: 0o644 });
  systemFiles.write(path, 'new');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('the boot is named alike each time, and the monotonic clock counts from it', {
  skip: process.platform !== 'linux' && 'Linux names its boots',
}, () => {
  assert.match(bootId(), /^[0-9a-f]{16}$/);
  assert.equal(bootId(), bootId());
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
  assert.ok(Math.abs(systemClock.monotonic() - uptime) < 5_000);
});

test('sha256 is that of the text in UTF-8', () => {
  assert.equal(sha256(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(sha256('é'), '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
});
