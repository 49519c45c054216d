import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { FakeHub } from './testing/fakeHub.js';
import { temporaryFolder } from './testing/folder.js';

const main = fileURLToPath(new URL('./main.js', import.meta.url));

/** A gateway whose board is unplugged and whose hub is away: it has to run all the same. */
function config(folder: string, overrides: Record<string, unknown> = {}): string {
  const file = join(folder, 'gateway.yaml');
  const lane = { profile: { gate_id: 'gate_in', direction: 'in' }, board: { port: join(folder, 'no-such-board') } };
  const content = {
    gateway: 'gw-in',
    hub: { url: 'http://127.0.0.1:1', pairing_code: 'NEVER-USED' },
    data_dir: join(folder, 'data'),
    http: { host: '127.0.0.1', port: 0 },
    log: { dir: join(folder, 'logs') },
    lanes: [lane],
    ...overrides,
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

/** The scripted hub behind a real WebSocket. */
async function linkHub(t: TestContext) {
  const fake = new FakeHub();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let wake: () => void = () => undefined;
  server.on('connection', (socket) => {
    const take = fake.connect({ send: (text) => socket.send(text), close: () => socket.terminate() });
    socket.on('message', (data, binary) => {
      take(binary ? new Uint8Array(data as Buffer) : String(data));
      wake();
    });
  });
  t.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const heard = () => new Promise<void>((done) => (wake = done));
  return { fake, heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

interface Run {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** What the ready line says; rejects when the process ends before it. */
  readonly ready: Promise<{ port: number }>;
  ended(): Promise<number | null>;
}

function run(t: TestContext, ...args: string[]): Run {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: temporaryFolder(t),
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const out = createInterface({ input: child.stdout });
  const problems = createInterface({ input: child.stderr });
  // The last lines may be read after the process has gone.
  const exit = Promise.all([once(child, 'close'), once(out, 'close'), once(problems, 'close')]);
  const ready = new Promise<{ port: number }>((done, fail) => {
    out.on('line', (line) => {
      lines.push(line);
      if (line.includes('"gateway ready"')) done(JSON.parse(line));
    });
    exit.then(() => fail(new Error('ended before it was ready')), fail);
  });
  ready.catch(() => undefined);
  problems.on('line', (line) => lines.push(line));
  return { child, lines, ready, ended: async () => (await exit)[0][0] as number | null };
}

test('without board and hub a gateway is ready all the same, answers, and stops cleanly', async (t) => {
  const folder = temporaryFolder(t);
  const gateway = run(t, '--config', config(folder));
  const { port } = await gateway.ready;
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  assert.equal((await fetch(`http://127.0.0.1:${port}/api/status`)).status, 401);
  gateway.child.kill('SIGTERM');
  assert.equal(await gateway.ended(), 0);
  assert.ok(readFileSync(join(folder, 'logs', 'gate_in.log'), 'utf8').includes('Stopped'));
  assert.equal(statSync(join(folder, 'data', 'gateway.key')).mode & 0o077, 0);
  assert.ok(gateway.lines.every((line) => !line.includes('NEVER-USED')));
});

test('killed and started again it goes on in the same epoch, and its journal verifies', async (t) => {
  const folder = temporaryFolder(t);
  const file = config(folder);
  for (let round = 0; round < 3; round++) {
    const gateway = run(t, '--config', file);
    await gateway.ready;
    gateway.child.kill('SIGKILL');
    await gateway.ended();
  }
  const check = run(t, '--config', file, '--verify-journal');
  assert.equal(await check.ended(), 0);
  assert.ok(JSON.parse(check.lines[0] ?? '').records >= 2);
});

test('an older copy of the journal, put back, is found out by the hub: the next start begins a new epoch and ships all', async (t) => {
  const folder = temporaryFolder(t);
  const hub = await linkHub(t);
  const file = config(folder, { hub: { url: hub.url } });
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'hub.pub'), hub.fake.publicKey);
  const journal = join(folder, 'data', 'journal.db');
  const shipOnce = async (): Promise<void> => {
    const gateway = run(t, '--config', file);
    await gateway.ready;
    const wanted = () => hub.fake.of('batch').length > 0;
    while (!wanted()) await hub.heard();
    gateway.child.kill('SIGTERM');
    await gateway.ended();
    hub.fake.heard.length = 0;
  };
  await shipOnce();
  copyFileSync(journal, `${journal}.image`);
  await shipOnce();
  await shipOnce();
  const { epoch } = hub.fake;
  copyFileSync(`${journal}.image`, journal);
  for (const suffix of ['-wal', '-shm']) rmSync(journal + suffix, { force: true });

  const outdated = run(t, '--config', file);
  assert.equal(await outdated.ended(), 1);
  hub.fake.heard.length = 0;
  await shipOnce();
  assert.notEqual(hub.fake.epoch, epoch);
  assert.equal(hub.fake.records.length, 1);
  assert.ok(readdirSync(join(folder, 'data')).some((name) => name.includes('.damaged-')));
});

test('a busy port ends the start with a code that names it, before the data is touched', async (t) => {
  const { port } = await run(t, '--config', config(temporaryFolder(t))).ready;
  const folder = temporaryFolder(t);
  const second = run(t, '--config', config(folder, { http: { host: '127.0.0.1', port } }));
  assert.equal(await second.ended(), 1);
  assert.ok(second.lines.some((line) => line.includes('port_in_use') && line.includes(String(port))));
  assert.throws(() => statSync(join(folder, 'data', 'journal.db')));
});

test('a bad configuration is told whole, and nothing starts', async (t) => {
  const gateway = run(t, '--config', config(temporaryFolder(t), { gateway: 'Not a name', lanes: [] }));
  assert.equal(await gateway.ended(), 1);
  const text = gateway.lines.join('\n');
  assert.ok(text.includes('bad_config') && text.includes('gateway:') && text.includes('lanes:'), text);
});

test('the configuration is printed as it counts, without its secret', async (t) => {
  const print = run(t, '--config', config(temporaryFolder(t)), '--print-config');
  assert.equal(await print.ended(), 0);
  const text = print.lines.join('\n');
  assert.ok(text.includes('max_connections: 100') && !text.includes('NEVER-USED'));
});
