import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOf } from '@palang/contract/session/session';
import { GatewayBench } from './gatewayBench.js';
import { FIRST_BLOCK, vehicle } from './gatewayData.js';

test('a car that backs out under the open arm was never inside, and its card may enter again', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  world.send(vehicle('CARD_001', { behaviour: 'back_out' }));
  await bench.until(() => world.state.backedOut === 1, 20_000);
  await bench.quiet('gate_in');
  assert.deepEqual((await bench.sessions()).map(stateOf), ['voided']);
  assert.deepEqual(
    (await bench.of('entry_voided')).map(({ data }) => data.reason),
    ['back_out'],
  );
  assert.deepEqual([world.state.arm.raised, world.state.arm.lowered], [1, 1]);

  world.send(vehicle('CARD_001'));
  await bench.until(() => world.state.passed === 1, 20_000);
  await bench.quiet('gate_in');
  assert.deepEqual((await bench.sessions()).map(stateOf), ['voided', 'parked']);
});

test('a car that has paid and backs out of the exit keeps its credit: the next tap opens and takes nothing', async (t) => {
  const bench = await GatewayBench.open(t);
  await bench.bringIn('CARD_001');
  const { world, terminal } = bench.at('gate_out');
  const id = world.send(vehicle('CARD_001'));
  await bench.until(() => bench.phase('gate_out') === 'opening', 20_000);
  world.tell(id, 'back_out');
  await bench.until(() => world.state.backedOut === 1, 20_000);
  await bench.quiet('gate_out');
  const [paid] = await bench.sessions();
  assert.ok(paid);
  assert.deepEqual([stateOf(paid), paid.payments.map(({ amount }) => amount)], ['parked', [FIRST_BLOCK]]);

  world.send(vehicle('CARD_001'));
  await bench.until(() => world.state.passed === 1, 20_000);
  await bench.quiet('gate_out');
  const [left] = await bench.sessions();
  assert.ok(left);
  assert.deepEqual([stateOf(left), left.payments.length], ['closed', 1]);
  assert.equal(terminal?.charges.length, 1);
});

test('a car that backs out while it is asked to pay is not charged, and the terminal is free again', async (t) => {
  const bench = await GatewayBench.open(t);
  await bench.bringIn('CARD_001');
  const { world, terminal } = bench.at('gate_out');
  const id = world.send(vehicle('CARD_001', { pays: 'never' }));
  await bench.until(() => terminal?.asked() !== undefined, 20_000);
  world.tell(id, 'back_out');
  await bench.until(() => world.state.backedOut === 1, 20_000);
  await bench.until(() => terminal?.asked() === undefined, 5_000);
  await bench.quiet('gate_out');
  const [session] = await bench.sessions();
  assert.ok(session);
  assert.deepEqual([stateOf(session), session.payments.length, world.state.arm.raised], ['parked', 0, 0]);
  assert.deepEqual(
    (await bench.of('payment_failed')).map(({ data }) => data.outcome),
    ['cancelled'],
  );
});
