import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOf } from '@palang/contract/session/session';
import { GatewayBench } from './gatewayBench.js';
import { vehicle } from './gatewayData.js';

test('a disk that hangs for a minute traps nobody: cars pass as before, and every record follows', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  const release = bench.hangDisk();
  world.send(vehicle('CARD_001'));
  await bench.until(() => world.state.passed === 1, 20_000);
  await bench.quiet('gate_in');
  world.send(vehicle('CARD_002', { plate: 'D 1 EF' }));
  await bench.until(() => world.state.passed === 2, 20_000);
  await bench.quiet('gate_in');
  assert.ok(bench.lane('gate_in').snapshot().faults.includes('journal_slow'));
  assert.deepEqual(await bench.of('entry_approved'), [], 'nothing is on the disk yet');

  release();
  await bench.pass(2_000);
  assert.deepEqual((await bench.sessions()).map(stateOf), ['parked', 'parked']);
  assert.equal((await bench.of('opening_commanded')).length, 2);
  assert.deepEqual(
    (await bench.of('arm_opened')).map(({ data }) => data.expected),
    [true, true],
  );
  assert.deepEqual(await bench.of('entry_voided'), []);
});

test('a disk that hangs before anybody comes, with more to tell than the board may send unacknowledged, makes no lane deaf', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  const release = bench.hangDisk();
  for (let round = 0; round < 4; round++) {
    world.setFault({ device: 'arming_loop', fault: 'stuck' }, true);
    await bench.pass(1_000);
    world.setFault({ device: 'arming_loop', fault: 'stuck' }, false);
    await bench.pass(1_000);
  }
  world.send(vehicle('CARD_001'));
  await bench.until(() => world.state.passed === 1, 20_000);
  await bench.quiet('gate_in');
  release();
  await bench.pass(2_000);
  assert.deepEqual((await bench.sessions()).map(stateOf), ['parked']);
});

test('a disk that hangs while a driver pays traps him no longer than a second, and the payment is in the books once', async (t) => {
  const bench = await GatewayBench.open(t);
  await bench.bringIn('CARD_001');
  const { world, terminal } = bench.at('gate_out');
  world.send(vehicle('CARD_001'));
  await bench.until(() => terminal?.asked() !== undefined, 20_000);
  const release = bench.hangDisk();
  await bench.until(() => terminal?.asked() === undefined, 5_000);
  await bench.until(() => world.state.arm.angle > 0, 2_000);
  await bench.quiet('gate_out');
  release();
  await bench.pass(2_000);
  const [session] = await bench.sessions();
  assert.ok(session);
  assert.deepEqual([stateOf(session), session.payments.length, session.flags], ['closed', 1, []]);
});
