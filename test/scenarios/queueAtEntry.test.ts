import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOf } from '@palang/contract/session/session';
import { GatewayBench } from './gatewayBench.js';
import { vehicle } from './gatewayData.js';

test('two cars in a queue: each has an opening, a session and a passage of its own', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  world.send(vehicle('CARD_001'));
  world.send(vehicle('CARD_002', { plate: 'D 1 EF' }));
  await bench.until(() => world.state.passed === 2, 60_000);
  await bench.quiet('gate_in');
  const sessions = await bench.sessions();
  assert.deepEqual(
    sessions.map((session) => [stateOf(session), session.provisional, session.flags]),
    [
      ['parked', false, []],
      ['parked', false, []],
    ],
  );
  assert.deepEqual([world.state.arm.raised, world.state.arm.lowered, world.state.arm.hits], [2, 2, 0]);
});

test('the second car taps behind the first and backs out: the first is inside all the same', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  world.send(vehicle('CARD_001'));
  world.send(vehicle('CARD_002', { plate: 'D 1 EF', behaviour: 'back_out' }));
  await bench.until(() => world.state.passed === 1 && world.state.backedOut === 1, 60_000);
  await bench.quiet('gate_in');
  const [first, ...others] = await bench.sessions();
  assert.ok(first);
  assert.deepEqual([stateOf(first), first.entry?.card], ['parked', 'CARD_001']);
  assert.ok(others.every((session) => stateOf(session) === 'voided'));
});
