import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../fakes/virtualClock.js';
import { Loop } from './loop.js';

function scene() {
  const clock = new VirtualClock();
  const edges: [boolean, number][] = [];
  const loop = new Loop(clock, (occupied) => edges.push([occupied, clock.now]));
  return { clock, edges, loop };
}

test('the detector reports a vehicle sooner than its leaving', () => {
  const { clock, edges, loop } = scene();
  loop.sense(true);
  clock.advance(100);
  loop.sense(false);
  clock.advance(100);
  assert.deepEqual(edges, [
    [true, 15],
    [false, 140],
  ]);
});

test('metal that is gone before the detector noticed is not reported', () => {
  const { clock, edges, loop } = scene();
  loop.sense(true);
  clock.advance(10);
  loop.sense(false);
  clock.advance(100);
  assert.deepEqual(edges, []);
});

test('a stuck loop reports a vehicle at once and until the fault is gone', () => {
  const { clock, edges, loop } = scene();
  loop.setFault('stuck', true);
  loop.sense(true);
  clock.advance(50);
  loop.sense(false);
  clock.advance(50);
  loop.setFault('stuck', false);
  assert.deepEqual(edges, [
    [true, 0],
    [false, 100],
  ]);
});

test('a dead loop reports nothing', () => {
  const { clock, edges, loop } = scene();
  loop.setFault('dead', true);
  loop.sense(true);
  clock.advance(1_000);
  assert.deepEqual(edges, []);
});

test('a chattering loop makes more than ten edges a second and stops with the fault', () => {
  const { clock, edges, loop } = scene();
  loop.setFault('chatter', true);
  clock.advance(1_000);
  assert.ok(edges.length > 10, `${edges.length} edges`);
  loop.setFault('chatter', false);
  clock.advance(100);
  assert.equal(loop.occupied, false);
  assert.equal(clock.pending, 0);
});
