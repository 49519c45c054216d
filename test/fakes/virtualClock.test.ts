import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './virtualClock.js';

test('timers fire in order of time, then of planning, each at its own moment', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const plan = (delay: number, name: string) => clock.after(delay, () => fired.push(`${name}@${clock.monotonic()}`));
  plan(20, 'c');
  plan(10, 'a');
  plan(10, 'b');
  clock.after(5, () => plan(5, 'planned later'));
  clock.advance(15);
  assert.deepEqual(fired, ['a@10', 'b@10', 'planned later@10']);
  assert.equal(clock.now, 15);
  assert.equal(clock.pending, 1);
});

test('a cancelled timer does not fire, and cancelling twice does nothing', () => {
  const clock = new VirtualClock();
  let fired = 0;
  const cancel = clock.after(1, () => {
    fired += 1;
  });
  cancel();
  cancel();
  clock.advance(10);
  assert.equal(fired, 0);
});

test('run lets a promise chain finish before the next timer', async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const pause = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  const worker = (async () => {
    for (let i = 0; i < 3; i++) {
      await pause(10);
      seen.push(`worker@${clock.now}`);
    }
  })();
  clock.after(25, () => seen.push('timer@25'));
  await clock.run(100);
  await worker;
  assert.deepEqual(seen, ['worker@10', 'worker@20', 'timer@25', 'worker@30']);
  assert.equal(clock.now, 100);
});

test('runUntil stops at the moment the condition holds, or says that it never did', async () => {
  const clock = new VirtualClock();
  let done = false;
  clock.after(40, () => {
    done = true;
  });
  clock.after(60, () => assert.fail('went on after the condition'));
  assert.equal(await clock.runUntil(() => done, 50), true);
  assert.equal(clock.now, 40);
  assert.equal(await clock.runUntil(() => false, 10), false);
  assert.equal(clock.now, 50);
});

test('a step of the wall clock does not touch monotonic time', () => {
  const clock = new VirtualClock(1_000);
  clock.advance(5);
  clock.stepWall(-600);
  assert.deepEqual([clock.monotonic(), clock.wall()], [5, 405]);
});
