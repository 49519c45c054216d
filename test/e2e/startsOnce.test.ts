import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFolder, Palang, ROOT } from './palang.js';

/** `npm start` that is meant to refuse: how it ended and what it said. */
async function refusedStart(...options: string[]): Promise<{ code: number | null; said: string }> {
  const child: ChildProcess = spawn(process.execPath, ['scripts/start.mjs', '--no-build', '--free-ports', ...options], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (text) => {
    said += String(text);
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, said };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a data folder is run by one start at a time, whatever the second one is asked to do with it', async () => {
  const data = dataFolder();
  const site = await Palang.start(data.path);
  try {
    for (const options of [[], ['--fresh']]) {
      const { code, said } = await refusedStart('--data', data.path, ...options);
      assert.equal(code, 1);
      assert.match(said, /already_running: process \d+ /);
    }
    assert.deepEqual(Object.keys((await site.status()).gates), ['gate_in', 'gate_out']);
  } finally {
    await site.stop();
    data.remove();
  }
});

test('a closed terminal and a reader who went away stop every process', async () => {
  const data = dataFolder();
  try {
    for (const leave of [(site: Palang) => site.signal('SIGHUP'), (site: Palang) => site.hangUpOutput()]) {
      const site = await Palang.start(data.path);
      await leave(site);
      await site.until('every process gone', async () => !Object.values(site.ready.pids).some(isAlive) || undefined);
    }
  } finally {
    data.remove();
  }
});

test('what a killed start left running is stopped by the next one', async () => {
  const data = dataFolder();
  const killed = await Palang.start(data.path);
  await killed.signal('SIGKILL');
  assert.equal(Object.values(killed.ready.pids).every(isAlive), true);
  const next = await Palang.start(data.path);
  try {
    assert.equal(Object.values(killed.ready.pids).some(isAlive), false);
  } finally {
    await next.stop();
    data.remove();
  }
});

test('--fresh removes no folder that is not a data folder', async () => {
  const data = dataFolder();
  try {
    writeFileSync(join(data.path, 'letters.txt'), 'mine');
    const { code, said } = await refusedStart('--fresh', '--data', data.path);
    assert.equal(code, 1);
    assert.match(said, /not_ours/);
    assert.equal(existsSync(join(data.path, 'letters.txt')), true);
  } finally {
    data.remove();
  }
});
