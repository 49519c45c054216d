import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SessionView, SystemStatus } from '@palang/contract/api/shapes';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Ready {
  readonly hub: string;
  readonly ports: Record<string, number>;
  readonly data: string;
  readonly password: string;
  readonly apiKey: string;
  readonly pids: Record<string, number>;
}

/** What the physical world of a lane looks like, as its site process tells it. */
export interface LaneWorld {
  readonly arm: { readonly angle: number; readonly raised: number; readonly lowered: number; readonly hits: number };
  readonly vehicles: readonly { readonly vehicle_id: string; readonly phase: string; readonly plate: string }[];
  readonly passed: number;
  readonly backed_out: number;
  readonly board: { readonly boots: number };
  readonly terminal?: { readonly charges: readonly unknown[] };
}

/** A folder for one run of the site; removed by `remove`. */
export function dataFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'palang-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The whole site as `npm start` runs it, on free ports. */
export class Palang {
  readonly ready: Ready;
  /** Milliseconds from the command to its ready line. */
  readonly startup: number;
  readonly log: readonly string[];
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, ready: Ready, startup: number, log: readonly string[]) {
    this.#process = process;
    this.ready = ready;
    this.startup = startup;
    this.log = log;
  }

  static async start(data: string, env: Record<string, string> = {}): Promise<Palang> {
    const began = performance.now();
    const args = ['scripts/start.mjs', '--no-build', '--free-ports', '--json', '--data', data];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    const ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.push(line);
        if (line.startsWith('{"event":"palang ready"')) resolve(JSON.parse(line) as Ready);
      });
      child.once('exit', (code) => reject(new Error(`start ended with ${code}:\n${log.slice(-40).join('\n')}`)));
    });
    return new Palang(child, ready, performance.now() - began, log);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await gone;
  }

  /** To the supervisor itself; resolves when it has ended. */
  async signal(name: 'SIGHUP' | 'SIGKILL'): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.kill(name);
    await gone;
  }

  /** Nobody reads what the site prints any more; resolves when the supervisor, who finds out at its next line, has ended. */
  async hangUpOutput(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.stdout?.destroy();
    this.#process.stdin?.write('say something\n');
    await gone;
  }

  /** SIGKILL to one process, which then stays down. */
  async kill(name: string): Promise<void> {
    await this.#command(`kill ${name}`, `${name} killed`);
  }

  /** Resolves when the process is ready again. */
  async revive(name: string): Promise<void> {
    await this.#command(`start ${name}`, `${name} started`);
  }

  async #command(command: string, answer: string): Promise<void> {
    const from = this.log.length;
    this.#process.stdin?.write(`${command}\n`);
    await this.until(
      `"${answer}"`,
      async () => this.log.slice(from).some((line) => line.includes(answer)) || undefined,
    );
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    base = this.ready.hub,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${this.ready.apiKey}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** A call that must succeed. */
  async ask<T>(method: string, path: string, body?: unknown, base?: string): Promise<T> {
    const answer = await this.call(method, path, body, base);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  status(): Promise<SystemStatus> {
    return this.ask<SystemStatus>('GET', '/api/status');
  }

  sessions(): Promise<SessionView[]> {
    return this.ask<SessionView[]>('GET', '/api/sessions?state=all&limit=100');
  }

  /** Sends a car through the hub, as the demonstration button does. */
  sendCar(gate: string, card: string, plate: string): Promise<{ vehicle_id: string }> {
    return this.ask('POST', `/api/simulation/${gate}/vehicle`, {
      card_id: card,
      license_plate: plate,
      vehicle_type: 'car',
    });
  }

  /** A request to the physical world itself; works with the hub dead. */
  world<T>(gate: string, method: string, path: string, body?: unknown): Promise<T> {
    return this.ask<T>(method, path, body, `http://127.0.0.1:${this.ready.ports[`${gate}_control`]}`);
  }

  async lane(gate: string): Promise<LaneWorld> {
    const state = await this.world<{ lanes: Record<string, LaneWorld> }>(gate, 'GET', '/state');
    const lane = state.lanes[gate];
    if (lane === undefined) throw new Error(`no lane ${gate} in ${JSON.stringify(state)}`);
    return lane;
  }

  /** Waits until `probe` finds something (anything but undefined); on time-out tells what the log said last. */
  async until<T>(what: string, probe: () => Promise<T | undefined>, timeout = 20_000): Promise<T> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const found = await probe();
      if (found !== undefined) return found;
      if (performance.now() > deadline)
        throw new Error(`waited ${timeout} ms for ${what}\n${this.log.slice(-60).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The session of a card in one of the given states. */
  session(card: string, ...states: SessionView['status'][]): Promise<SessionView> {
    return this.until(`${card} ${states.join(' or ')}`, async () =>
      (await this.sessions()).find((session) => session.card_id === card && states.includes(session.status)),
    );
  }
}
