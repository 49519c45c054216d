import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { VirtualClock } from '../fakes/virtualClock.js';
import { HEX } from './laneScene.fixture.js';
import { Site } from './site.js';

test('on a virtual clock the boards follow it, and their serial lines are streams of this process', async () => {
  const clock = new VirtualClock();
  const lanes = [
    { lane: 'gate_in', direction: 'in' },
    { lane: 'gate_out', direction: 'out' },
  ] as const;
  const site = new Site({ hex: HEX, wall: () => clock.wall(), lanes });
  const stop = site.follow(clock);
  await clock.run(500);
  for (const { lane } of lanes) assert.ok(Math.abs(site.lane(lane).board.nowMs - 500) < 0.01);

  const serial = site.lane('gate_out').openSerial();
  let received = Buffer.alloc(0);
  serial.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  await once(serial, 'open');
  assert.equal(site.lane('gate_out').board.boots, 2);
  assert.ok(await clock.runUntil(() => received.includes(Buffer.from([0xf9, 2, 5])), 3_000), 'no version report');
  received = Buffer.alloc(0);
  await new Promise((resolve) => serial.write(Buffer.from([0xf0, 0x79, 0xf7]), resolve));
  assert.ok(await clock.runUntil(() => received.includes(Buffer.from([0xf0, 0x79])), 200), 'no firmware report');

  stop();
  assert.equal(clock.pending, 0);
});
