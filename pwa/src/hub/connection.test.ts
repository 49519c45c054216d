import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Me } from '@palang/contract/api/shapes';
import { CodedError } from '@palang/contract/errors';
import { gateView, systemStatus } from '../live/testing.js';
import { Connection, type SocketHandlers } from './connection.js';
import { type Link, PING_EVERY, SILENT_AFTER } from './link.js';
import { reconnectDelay } from './reconnect.js';

const ME: Me = { name: 'sari', kind: 'user', role: 'operator', can: ['status:read'] };
const GREETING = JSON.stringify({ type: 'system_status', payload: systemStatus({ gate_in: gateView() }) });

/** A connection on virtual time with a hub that does what the test says. */
function scene(me: () => Promise<Me> = async () => ME) {
  let now = 0;
  let timers: { at: number; action: () => void }[] = [];
  const sockets: { handlers: SocketHandlers; sent: string[]; closed: boolean }[] = [];
  const seen = { links: [] as Link[], me: [] as (Me | null)[], messages: [] as string[], discarded: 0, opened: 0 };
  const connection = new Connection(
    {
      now: () => now,
      unit: () => 0.5,
      after: (delay, action) => {
        const timer = { at: now + delay, action };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
      me,
      open: (handlers) => {
        const socket = { handlers, sent: [] as string[], closed: false };
        sockets.push(socket);
        return {
          send: (text) => socket.sent.push(text),
          close: () => {
            socket.closed = true;
          },
        };
      },
    },
    {
      link: (link) => seen.links.push(link),
      me: (who) => seen.me.push(who),
      message: (message) => seen.messages.push(message.type),
      discarded: () => {
        seen.discarded += 1;
      },
      opened: () => {
        seen.opened += 1;
      },
    },
  );
  const settle = () => new Promise<void>((done) => setImmediate(done));
  return {
    connection,
    sockets,
    seen,
    settle,
    link: () => seen.links.at(-1),
    async advance(ms: number) {
      const until = now + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = next.at;
        next.action();
        await settle();
      }
      now = until;
    },
  };
}

async function greeted(s: ReturnType<typeof scene>) {
  s.connection.start();
  await s.settle();
  s.sockets.at(-1)?.handlers.message(GREETING);
  return s;
}

test('the connection counts as online only after the hub has spoken', async () => {
  const s = scene();
  s.connection.start();
  await s.settle();
  assert.equal(s.link()?.state, 'connecting');
  s.sockets[0]?.handlers.message(GREETING);
  assert.equal(s.link()?.state, 'online');
  assert.deepEqual([s.seen.opened, s.seen.messages], [1, ['system_status']]);
});

test('a silent hub is lost after its silence, counted from when it last spoke', async () => {
  const s = await greeted(scene());
  await s.advance(SILENT_AFTER + PING_EVERY);
  const link = s.link();
  assert.equal(link?.state, 'offline');
  assert.equal(link?.since, 0);
  assert.equal(s.sockets[0]?.closed, true);
});

test('a hub that answers each ping stays online', async () => {
  const s = await greeted(scene());
  for (let i = 0; i < 10; i++) {
    await s.advance(PING_EVERY);
    s.sockets[0]?.handlers.message(JSON.stringify({ type: 'pong', payload: { sent: i, time: 1 } }));
  }
  assert.equal(s.link()?.state, 'online');
  assert.equal(s.sockets.length, 1);
});

test('after a loss it tries again by itself, ever more slowly, and reads whole lists again', async () => {
  const s = await greeted(scene());
  s.sockets[0]?.handlers.closed();
  assert.equal(s.link()?.state, 'offline');
  await s.advance(reconnectDelay(1, 0.5));
  s.sockets[1]?.handlers.message(GREETING);
  assert.equal(s.link()?.state, 'online');
  assert.equal(s.seen.opened, 2);
});

test('waking up tries at once instead of waiting for the timer', async () => {
  const s = await greeted(scene());
  s.sockets[0]?.handlers.closed();
  s.connection.wake();
  await s.settle();
  assert.equal(s.sockets.length, 2);
});

test('a refused sign-in asks for a person and does not knock again', async () => {
  const s = scene(async () => {
    throw new CodedError('unauthenticated', 'no session');
  });
  s.connection.start();
  await s.settle();
  await s.advance(60_000);
  assert.deepEqual(s.seen.me, [null]);
  assert.equal(s.sockets.length, 0);
});

test('frames that are no message are counted and change nothing', async () => {
  const s = await greeted(scene());
  for (const frame of ['{', '{"type":"hardware_status","payload":{}}', '{"type":"nonsense"}', 42]) {
    s.sockets[0]?.handlers.message(frame);
  }
  assert.equal(s.seen.discarded, 4);
  assert.deepEqual(s.seen.messages, ['system_status']);
});

test('what an abandoned socket still says is ignored', async () => {
  const s = await greeted(scene());
  const old = s.sockets[0];
  s.connection.stop();
  old?.handlers.message(GREETING);
  assert.equal(s.seen.messages.length, 1);
});

test('nothing is sent, nor kept for later, without a connection', async () => {
  const s = await greeted(scene());
  s.sockets[0]?.handlers.closed();
  assert.equal(s.connection.send({ type: 'ping', payload: {} }), false);
  await s.advance(reconnectDelay(1, 0.5));
  s.sockets[1]?.handlers.message(GREETING);
  const sent = s.sockets[1]?.sent.filter((text) => JSON.parse(text).payload.sent === undefined) ?? [];
  assert.deepEqual(
    sent.map((text) => JSON.parse(text).type),
    ['request_system_status'],
  );
});

test('the delay grows to 15 s and at least half of it always remains', () => {
  assert.equal(reconnectDelay(1, 0), 250);
  assert.equal(reconnectDelay(3, 0.5), 1_500);
  assert.equal(reconnectDelay(40, 0), 7_500);
  assert.ok(reconnectDelay(40, 0.999) <= 15_000);
});
