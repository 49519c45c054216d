import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { EmulatedBoard } from '@palang/emulator/board';
import { RealTimePacer } from '@palang/emulator/realtime';
import { BoardTty } from '@palang/emulator/tty';
import { PINS } from '../site/world/wiring.js';
import { type Row, report } from './report.js';

/** Resident memory of the programs as they are deployed, at rest with their devices connected, beside a Node that does nothing. Needs /proc. */
const REST_MS = 10_000;
const MEGABYTE = 1_024;

const folder = mkdtempSync(join(tmpdir(), 'palang-memory-'));
const hex = readFileSync('arduino/palang-lane.hex', 'utf8');
const pacer = new RealTimePacer();

function laneOn(name: string): { tty: BoardTty; path: string } {
  const board = new EmulatedBoard({ hex });
  for (const pin of [PINS.armingLoop, PINS.closingLoop, PINS.lowerLimit, PINS.armInPlace]) board.setInput(pin, false);
  const path = join(folder, name);
  const tty = new BoardTty(board, path);
  pacer.add(board);
  pacer.poll(tty);
  tty.plug();
  return { tty, path };
}

/** Starts a program and resolves when it says that it is ready. Its folder is the bench's own. */
async function program(script: string, args: readonly string[], env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [resolve(script), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise<void>((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/"(hub|gateway) ready"/.test(line)) done();
    });
    child.once('exit', (code) => fail(new Error(`${script} ended with ${code} before it was ready`)));
  });
  await ready;
  return child;
}

/** Megabytes (2^20) that are in memory now. */
function resident({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kilobytes === undefined) throw new Error('the kernel tells no VmRSS');
  return Number(kilobytes) / MEGABYTE;
}

const [entry, exit] = [laneOn('gate_in'), laneOn('gate_out')];
pacer.start();
const children: ChildProcess[] = [];
try {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1_000)'], { stdio: 'ignore' });
  children.push(bare);
  const hub = await program('hub/dist/main.js', [], { HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(folder, 'hub') });
  children.push(hub);
  const config = join(folder, 'gateway.yaml');
  const lanes = [
    { profile: { gate_id: 'gate_in', direction: 'in' }, board: { port: entry.path, lamps: { green: PINS.lamp } } },
    { profile: { gate_id: 'gate_out', direction: 'out' }, board: { port: exit.path, lamps: { green: PINS.lamp } } },
  ];
  const http = { host: '127.0.0.1', port: 0 };
  const content = {
    gateway: 'gw-bench',
    hub: { url: 'http://127.0.0.1:1' },
    data_dir: join(folder, 'gateway'),
    http,
    lanes,
  };
  writeFileSync(config, JSON.stringify(content));
  const gateway = await program('gateway/dist/main.js', ['--config', config], {});
  children.push(gateway);
  await new Promise((done) => setTimeout(done, REST_MS));
  if (!entry.tty.opened || !exit.tty.opened) throw new Error('the gateway has not opened its boards');

  const reference = resident(bare);
  const row = (what: string, value: number, aim: string): Row => {
    return { what, unit: 'MB', value, reference, against: 'bare Node', ratio: value / reference, aim };
  };
  report('memory', [
    row('gateway with two lanes, resident', resident(gateway), '<= 100 MB'),
    row('hub on SQLite, resident', resident(hub), '<= 150 MB'),
  ]);
} finally {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  entry.tty.unplug();
  exit.tty.unplug();
  pacer.stop();
  rmSync(folder, { recursive: true });
}
