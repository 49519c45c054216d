import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Cancel, Clock } from '@palang/contract/clock';
import { Epoch } from '@palang/contract/ids';
import type { WebSocket } from 'ws';
import { type ConnectionTools, GatewayConnection } from './gatewayConnection.js';
import type { Answer } from './ingest.js';
import { TestJournal } from './testing/journal.js';

/** Stands still until told to go on. */
class StillClock implements Clock {
  #now = 0;
  #timers: { at: number; action: () => void }[] = [];

  monotonic = () => this.#now;
  wall = () => this.#now;

  get pending(): number {
    return this.#timers.length;
  }

  after(delay: number, action: () => void): Cancel {
    const timer = { at: this.#now + delay, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  pass(time: number): void {
    const until = this.#now + time;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.at;
      next.action();
    }
    this.#now = until;
  }
}

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  paused = false;
  closedWith: number | null = null;
  send(): void {}
  terminate(): void {}
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  close(code: number): void {
    this.closedWith ??= code;
    this.readyState = 2;
  }
}

/** A connection whose database answers only when the test says so. */
function connected() {
  const clock = new StillClock();
  const socket = new FakeSocket();
  const journal = new TestJournal('gw-in');
  journal.enters('w26:1', 1_000);
  const waiting: ((answer: Answer) => void)[] = [];
  const marks: (() => void)[] = [];
  const tools = {
    clock,
    ingest: {
      accept: () => new Promise<Answer>((resolve) => waiting.push(resolve)),
      mark: () => new Promise<null>((resolve) => marks.push(() => resolve(null))),
    },
    replica: { stepsFrom: () => [] },
    report: (error: unknown) => assert.fail(String(error)),
  } as unknown as ConnectionTools;
  const hello = { gateway: journal.origin, epoch: Epoch.parse(journal.epoch), replica: null };
  const connection = new GatewayConnection(socket as unknown as WebSocket, hello as never, tools);
  const started = connection.start('token');
  const batch = Buffer.from(JSON.stringify({ type: 'batch', ...journal.batch(1) }));
  return { clock, socket, connection, started, marks, waiting, receive: () => socket.emit('message', batch, false) };
}

test('a gateway that is not read while the database is slow is not taken for silent, and has its full time afterwards', async () => {
  const { clock, socket, connection, started, marks, waiting, receive } = connected();
  marks.shift()?.();
  await started;
  connection.listen([]);
  for (let count = 0; count < 4; count += 1) receive();
  assert.equal(socket.paused, true);
  clock.pass(120_000);
  assert.equal(socket.closedWith, null);
  // One is stored: there is room again, and from now on silence counts.
  await new Promise(setImmediate);
  waiting.shift()?.({ mark: null, problem: null });
  await new Promise(setImmediate);
  assert.equal(socket.paused, false);
  clock.pass(15_000);
  assert.equal(socket.closedWith, null);
  clock.pass(15_000);
  assert.equal(socket.closedWith, 4408);
});

test('a gateway that goes away before it was welcomed leaves no timer behind', async () => {
  const { clock, socket, connection, started, marks } = connected();
  socket.readyState = 3;
  connection.stopped();
  marks.shift()?.();
  await started;
  assert.equal(clock.pending, 0);
});
