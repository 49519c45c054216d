import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { ManualClock } from '../../testing/manualClock.js';
import { Commander } from './commander.js';
import type { Status } from './messages.js';

function status(overrides: Partial<Status> = {}): Status {
  const none = {
    nonce: 0,
    state: 0,
    inputs: 0,
    flags: 0,
    faults: 0,
    openings: 0,
    stream: 1,
    next_event: 1,
    pending: 0,
  };
  const counts = { lost_events: 0, crc_errors: 0, refused_writes: 0, reset_reason: 0, version: 1 };
  return { ...none, ...counts, boot: 7, uptime: 10_000, last_sequence: 40, ...overrides };
}

function online() {
  const clock = new ManualClock();
  const sent: (readonly number[])[] = [];
  const line = { open: true };
  const commander = new Commander(clock, (message) => {
    if (!line.open) throw new CodedError('line_closed', 'closed');
    sent.push(message);
  });
  commander.status(status());
  return { clock, sent, line, commander };
}

const ACCEPTED = { result: 0, duplicate: false };

test('commands go on from the last one that the board has executed, and leave 0 out', () => {
  const { commander } = online();
  assert.deepEqual(commander.prepare(), { boot: 7, sequence: 41 });
  commander.status(status({ last_sequence: 65_534 - 30_000 }));
  commander.status(status({ boot: 8, last_sequence: 65_534 }));
  assert.deepEqual(commander.prepare(), { boot: 8, sequence: 65_535 });
  assert.deepEqual(commander.prepare(), { boot: 8, sequence: 1 });
});

test('an accepted command resolves, and leaves no timer', async () => {
  const { commander, clock, sent } = online();
  const prepared = commander.prepare();
  const outcome = commander.send('raise', prepared, 3_000);
  commander.ack({ ...prepared, ...ACCEPTED });
  await outcome;
  assert.equal(sent.length, 1);
  assert.equal(clock.timers, 0);
});

test('an unanswered command is sent once more, byte for byte the same, then given up', async () => {
  const { commander, clock, sent } = online();
  const outcome = commander.send('raise', commander.prepare(), 0);
  const refusal = assert.rejects(outcome, { code: 'barrier_no_answer' });
  // A STATUS in between must not freshen the stamp: the command would live longer than it was meant to.
  commander.status(status({ uptime: 11_000 }));
  await clock.advance(2_000);
  await refusal;
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
  assert.equal(clock.timers, 0);
});

test('the answer to the repetition counts', async () => {
  const { commander, clock } = online();
  const prepared = commander.prepare();
  const outcome = commander.send('raise', prepared, 0);
  await clock.advance(700);
  commander.ack({ ...prepared, result: 0, duplicate: true });
  await outcome;
});

const REFUSALS: readonly [result: number, reason: string][] = [
  [2, 'stale_boot'],
  [3, 'old_sequence'],
  [4, 'expired'],
  [5, 'no_lease'],
  [6, 'fault'],
  [7, 'unknown_operation'],
  [8, 'rate_limited'],
  [99, 'result_99'],
];

for (const [result, reason] of REFUSALS) {
  test(`result ${result} of the board is a refusal because of ${reason}`, async () => {
    const { commander } = online();
    const prepared = commander.prepare();
    const outcome = commander.send('hold', prepared, 0);
    const boot = result === 2 ? 99 : prepared.boot;
    commander.ack({ boot, sequence: prepared.sequence, result, duplicate: false });
    await assert.rejects(outcome, (error) => {
      assert.ok(error instanceof CodedError);
      assert.deepEqual([error.code, error.detail.reason], ['barrier_refused', reason]);
      return true;
    });
  });
}

test('nothing is sent or kept for a board that is away', async () => {
  const { commander, sent } = online();
  const prepared = commander.prepare();
  commander.offline();
  await assert.rejects(commander.send('raise', prepared, 0), { code: 'barrier_offline' });
  assert.throws(() => commander.prepare(), { code: 'barrier_offline' });
  commander.status(status({ boot: 8 }));
  assert.deepEqual(sent, []);
});

test('a line that closes under a command says that nothing was sent', async () => {
  const { commander, line, clock } = online();
  line.open = false;
  await assert.rejects(commander.send('raise', commander.prepare(), 0), { code: 'barrier_offline' });
  assert.equal(clock.timers, 0);
});

test('a board lost while a command waits leaves its outcome unknown', async () => {
  const { commander, clock } = online();
  const outcome = commander.send('raise', commander.prepare(), 0);
  commander.offline();
  await assert.rejects(outcome, { code: 'barrier_no_answer' });
  assert.equal(clock.timers, 0);
});

test('sending a prepared command twice at once is one command', async () => {
  const { commander, sent } = online();
  const prepared = commander.prepare();
  const both = [commander.send('raise', prepared, 0), commander.send('raise', prepared, 0)];
  commander.ack({ ...prepared, ...ACCEPTED });
  await Promise.all(both);
  assert.equal(sent.length, 1);
});

test('a command that this life has not prepared is refused: nobody knows how old it is', async () => {
  const { commander, sent } = online();
  const outcome = commander.send('raise', { boot: 7, sequence: 12 }, 0);
  await assert.rejects(outcome, { code: 'barrier_refused' });
  assert.deepEqual(sent, []);
});
