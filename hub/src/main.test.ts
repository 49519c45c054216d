import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Process {
  readonly child: ChildProcess;
  readonly folder: string;
  /** The ready line, or the exit code and what was said on the way out. */
  readonly outcome: Promise<
    { readonly ready: { port: number; pid: number } } | { readonly code: number; readonly said: string }
  >;
}

async function hub(context: TestContext, environment: Record<string, string>, file?: string): Promise<Process> {
  const folder = await mkdtemp(join(tmpdir(), 'palang-main-'));
  if (file !== undefined) await writeFile(join(folder, '.env'), file);
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.js', import.meta.url))], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ready = new Promise<{ ready: { port: number; pid: number } }>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"event":"hub ready"'))
        resolve({ ready: JSON.parse(line) as { port: number; pid: number } });
    });
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, said }));
  return { child, folder, outcome: Promise.race([ready, ended]) };
}

test('the process says when it is ready, keeps a log and stops on SIGTERM', async (t) => {
  const started = await hub(t, {}, 'BOOTSTRAP_ADMIN_PASSWORD=dari-berkas-env\n');
  const outcome = await started.outcome;
  assert('ready' in outcome);
  assert.equal(outcome.ready.pid, started.child.pid);
  const url = `http://127.0.0.1:${outcome.ready.port}`;
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  const signIn = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password: 'dari-berkas-env' }),
  });
  assert.equal(signIn.status, 200, 'the .env file is read');
  const exited = once(started.child, 'exit');
  started.child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  const log = await readFile(join(started.folder, 'logs', 'central_hub.log'), 'utf8');
  assert.match(log, /INFO {2}the hub starts/);
  assert.match(log, /INFO {2}the hub has stopped/);
  assert.doesNotMatch(log, /dari-berkas-env/);
});

test('a busy port ends the process with an error that names it', async (t) => {
  const first = await (await hub(t, {})).outcome;
  assert('ready' in first);
  const second = await (await hub(t, { PORT: String(first.ready.port) })).outcome;
  assert('code' in second);
  assert.equal(second.code, 1);
  assert.match(second.said, new RegExp(`port_busy: Port ${first.ready.port} is in use`));
});

test('a wrong configuration ends the process with everything that is wrong', async (t) => {
  const outcome = await (await hub(t, { PORT: 'x', LOG_LEVEL: 'y', DATABASE_URL: '' })).outcome;
  assert('code' in outcome);
  assert.equal(outcome.code, 1);
  assert.match(outcome.said, /bad_configuration[\s\S]*PORT[\s\S]*LOG_LEVEL/);
});

test('killed in the middle of its work, the hub comes back with its users, keys and audit log', async (t) => {
  const key = `pk_${'restart-'.repeat(4)}`;
  const folder = await mkdtemp(join(tmpdir(), 'palang-data-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const environment = { DATA_DIR: folder, BOOTSTRAP_API_KEY: key, BOOTSTRAP_ADMIN_PASSWORD: 'kata-sandi-uji' };
  const call = async (port: number, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return response.json() as Promise<Record<string, unknown>>;
  };
  const first = await hub(t, environment);
  const one = await first.outcome;
  assert('ready' in one);
  const made = await call(one.ready.port, '/api/keys', { name: 'erp', permissions: ['status:read'] });
  const working = Array.from({ length: 20 }, () =>
    call(one.ready.port, '/api/gateways/pairing', { gateway: 'gw' }).catch(() => null),
  );
  await Promise.race(working);
  first.child.kill('SIGKILL');
  await Promise.all(working);

  const two = await (await hub(t, environment)).outcome;
  assert('ready' in two);
  const audit = await call(two.ready.port, '/api/audit');
  assert.equal(audit.verified, true);
  const status = await fetch(`http://127.0.0.1:${two.ready.port}/api/status`, {
    headers: { authorization: `Bearer ${String(made.key)}` },
  });
  assert.equal(status.status, 200);
});
