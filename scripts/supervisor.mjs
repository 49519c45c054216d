// Starts processes, waits until each says that it is ready, starts again what dies, stops in reverse order. No dependency.
import { spawn } from 'node:child_process';

const COLOURS = [36, 32, 33, 35, 34, 31];
const RESTART_AFTER = [500, 1_000, 2_000, 5_000];
/** A process that lived this long has recovered: its next restart is quick again. */
const STABLE_AFTER = 30_000;
/** Longer than what the processes themselves take at most: the hub lets go after 12 s. */
const STOP_WITHIN = 15_000;

export class Supervisor {
  #members = new Map();
  #stopping = false;
  #print;
  #onChange;

  /**
   * @param print receives (name, line) for every line of every process.
   * @param onChange is called when a process was started or has ended.
   */
  constructor(print, onChange = () => {}) {
    this.#print = print;
    this.#onChange = onChange;
  }

  /**
   * Starts a process and resolves with what its ready line says. A line that is JSON with `event` ending in " ready" (or "site ready") counts;
   * rejects when the process ends before, with its exit code.
   */
  start(name, command, args, env) {
    const member = { name, command, args, env, child: null, held: false, failures: 0, ready: null, timer: null };
    this.#members.set(name, member);
    return this.#spawn(member);
  }

  /** SIGKILL, and not started again until `resume`. */
  kill(name) {
    const member = this.#member(name);
    member.held = true;
    clearTimeout(member.timer);
    member.child?.kill('SIGKILL');
  }

  /** Starts what `kill` held down, also when it is still dying; resolves when it is ready. */
  async resume(name) {
    const member = this.#member(name);
    if (member.held && member.child !== null) await new Promise((gone) => member.child.once('exit', gone));
    if (member.child !== null) return member.ready;
    member.held = false;
    clearTimeout(member.timer);
    return this.#spawn(member);
  }

  pid(name) {
    return this.#member(name).child?.pid ?? null;
  }

  /** The processes that run now. */
  running() {
    return [...this.#members.values()].flatMap(({ name, child }) =>
      child?.pid === undefined ? [] : { name, pid: child.pid },
    );
  }

  names() {
    return [...this.#members.keys()];
  }

  /** For the last moment of a supervisor that ends in a way nobody meant: SIGTERM to all, waiting for none. */
  abandon() {
    for (const { child } of this.#members.values()) child?.kill('SIGTERM');
  }

  /** SIGTERM one after the other, newest first; SIGKILL for what does not go in 15 s. */
  async stop() {
    this.#stopping = true;
    for (const member of [...this.#members.values()].reverse()) {
      clearTimeout(member.timer);
      const { child } = member;
      if (child === null) continue;
      await new Promise((resolve) => {
        const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN);
        child.once('exit', () => {
          clearTimeout(force);
          resolve(undefined);
        });
        child.kill('SIGTERM');
      });
    }
  }

  #member(name) {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`no process is called ${name}; there are ${this.names().join(', ')}`);
    return member;
  }

  #spawn(member) {
    if (this.#stopping) return Promise.reject(new Error(`${member.name} is not started: everything stops`));
    const born = performance.now();
    const child = spawn(member.command, member.args, {
      env: { ...process.env, ...member.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group: Ctrl-C reaches the supervisor alone, which then stops its processes in order.
      detached: true,
    });
    member.child = child;
    this.#onChange();
    return new Promise((resolve, reject) => {
      const onLine = (line) => {
        this.#print(member.name, line);
        const said = readyLine(line);
        if (said === null) return;
        member.ready = said;
        resolve(said);
      };
      lines(child.stdout, onLine);
      lines(child.stderr, onLine);
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        member.child = null;
        this.#onChange();
        reject(new Error(`${member.name} ended with ${code ?? signal} before it was ready`));
        if (this.#stopping || member.held) return;
        member.failures = performance.now() - born > STABLE_AFTER ? 0 : member.failures + 1;
        const wait = RESTART_AFTER[Math.min(member.failures, RESTART_AFTER.length - 1)];
        this.#print('palang', `${member.name} ended with ${code ?? signal}; starting it again in ${wait} ms`);
        member.timer = setTimeout(() => {
          this.#spawn(member).catch((error) => this.#print('palang', error.message));
        }, wait);
      });
    });
  }
}

function readyLine(line) {
  if (!line.startsWith('{')) return null;
  try {
    const said = JSON.parse(line);
    const event = said.event ?? said.message;
    return typeof event === 'string' && event.endsWith(' ready') ? said : null;
  } catch {
    return null;
  }
}

function lines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line.trim() !== '') onLine(line);
  });
}

/** `name | line`, one colour a process when a person is watching. */
export function printer(width) {
  const colours = new Map();
  return (name, line) => {
    if (!colours.has(name)) colours.set(name, COLOURS[colours.size % COLOURS.length]);
    const label = name.padEnd(width);
    console.log(process.stdout.isTTY ? `\u001b[${colours.get(name)}m${label}\u001b[0m ${line}` : `${label} ${line}`);
  };
}
