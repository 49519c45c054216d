import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayBench } from './gatewayBench.js';
import { vehicle } from './gatewayData.js';

test('held open: cars pass freely and make no session, the arm stays up; released, it comes down and the lane serves again', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  const held = bench.operate('gate_in', 'hold');
  await bench.until(() => world.state.arm.angle === 90, 10_000);
  assert.equal((await held).ok, true);
  assert.equal(bench.phase('gate_in'), 'heldOpen');
  for (const plate of ['B 1 A', 'B 2 B']) {
    world.send(vehicle('CARD_001', { plate }));
    const passed = world.state.passed + 1;
    await bench.until(() => world.state.passed === passed, 30_000);
  }
  await bench.pass(30_000);
  assert.deepEqual([world.state.arm.angle, world.state.arm.lowered, bench.phase('gate_in')], [90, 0, 'heldOpen']);

  const released = bench.operate('gate_in', 'release');
  await bench.quiet('gate_in');
  assert.equal((await released).ok, true);
  assert.deepEqual([world.state.arm.raised, world.state.arm.lowered, world.state.arm.hits], [1, 1, 0]);
  assert.deepEqual(await bench.sessions(), []);
  const orders = await bench.of('operator_command');
  assert.deepEqual(
    orders.map(({ data }) => [data.action, data.outcome]),
    [
      ['hold', 'accepted'],
      ['release', 'accepted'],
    ],
  );
  assert.equal((await bench.of('opening_commanded')).length, 1);

  world.send(vehicle('CARD_002'));
  await bench.until(() => world.state.passed === 3, 20_000);
  await bench.quiet('gate_in');
  assert.equal((await bench.of('entry_passed')).length, 1);
});

test('released while a car stands under the arm: it stays up until the car has gone', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  const held = bench.operate('gate_in', 'hold');
  await bench.until(() => world.state.arm.angle === 90, 10_000);
  await held;
  const id = world.send(vehicle('CARD_001', { behaviour: 'stay_under_arm' }));
  await bench.until(() => world.state.vehicles[0]?.phase === 'staying', 30_000);
  const released = bench.operate('gate_in', 'release');
  await bench.pass(20_000);
  assert.equal((await released).ok, true);
  assert.deepEqual([world.state.arm.angle, world.state.arm.hits], [90, 0]);
  world.tell(id, 'leave');
  await bench.quiet('gate_in');
  assert.deepEqual([world.state.arm.lowered, world.state.arm.hits], [1, 0]);
});

test('an operator opens for one car: recorded, photographed, one passage, no session', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  world.send(vehicle(null));
  await bench.until(() => world.state.vehicles[0]?.phase === 'waiting', 10_000);
  const opened = bench.operate('gate_in', 'open', 5_000);
  await bench.until(() => world.state.arm.angle === 90, 10_000);
  assert.equal((await opened).ok, true);
  // A driver without a card does not go by himself.
  world.tell('v1', 'leave');
  await bench.until(() => world.state.passed === 1, 20_000);
  await bench.quiet('gate_in');
  assert.deepEqual(await bench.sessions(), []);
  assert.deepEqual(
    (await bench.of('photo_taken')).map(({ data }) => data.purpose),
    ['operator'],
  );
  assert.deepEqual(
    (await bench.of('arm_opened')).map(({ data }) => data.expected),
    [true],
  );
});
