import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOf } from '@palang/contract/session/session';
import { GatewayBench } from './gatewayBench.js';
import { FIRST_BLOCK, vehicle } from './gatewayData.js';

test('a car in and out: one closed session, its first block paid once, photos of both, each arm up and down once', async (t) => {
  const bench = await GatewayBench.open(t);
  await bench.bringIn('CARD_001');
  assert.deepEqual((await bench.sessions()).map(stateOf), ['parked']);

  bench.at('gate_out').world.send(vehicle('CARD_001'));
  await bench.until(() => bench.at('gate_out').world.state.passed === 1, 30_000);
  await bench.quiet('gate_out');

  const sessions = await bench.sessions();
  assert.equal(sessions.length, 1);
  const [session] = sessions;
  assert.ok(session);
  assert.deepEqual(
    [stateOf(session), session.entered?.evidence, session.left?.evidence],
    ['closed', 'passageProven', 'passageProven'],
  );
  assert.deepEqual(
    session.payments.map(({ key, revision, amount, method }) => ({ key, revision, amount, method })),
    [{ key: `${session.id}:1`, revision: 1, amount: FIRST_BLOCK, method: 'emoney' }],
  );
  assert.deepEqual(
    session.photos.map(({ purpose }) => purpose),
    ['entry', 'exit'],
  );
  assert.deepEqual(session.flags, []);
  const taken = bench.at('gate_out').terminal?.charges ?? [];
  assert.deepEqual(
    taken.map(({ key, outcome }) => [key, outcome?.status]),
    [[`${session.id}:1`, 'approved']],
  );
  for (const gate of ['gate_in', 'gate_out'] as const) {
    const { raised, lowered, hits } = bench.at(gate).world.state.arm;
    assert.deepEqual({ gate, raised, lowered, hits }, { gate, raised: 1, lowered: 1, hits: 0 });
    const kinds = (await bench.events()).filter(({ lane }) => lane === gate).map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind) => ['opening_commanded', 'arm_opened', 'arm_up', 'arm_down'].includes(kind)),
      ['opening_commanded', 'arm_opened', 'arm_up', 'arm_down'],
    );
    assert.equal(kinds.filter((kind) => kind === 'fault_raised').length, 0);
  }
});

test('a declined driver pays at the second attempt under a key of its own, and the ledger has one payment', async (t) => {
  const bench = await GatewayBench.open(t);
  await bench.bringIn('CARD_001');
  const { world, terminal } = bench.at('gate_out');
  const id = world.send(vehicle('CARD_001', { pays: 'never' }));
  await bench.until(() => terminal?.asked() !== undefined, 20_000);
  terminal?.answer(terminal.asked()?.key ?? '', 'decline', 'emoney');
  await bench.until(() => bench.phase('gate_out') === 'vehiclePresent', 2_000);
  await bench.pass(1_500);
  world.tell(id, 'show_card');
  await bench.until(() => terminal?.asked() !== undefined, 2_000);
  terminal?.answer(terminal.asked()?.key ?? '', 'approve', 'emoney');
  await bench.until(() => world.state.passed === 1, 20_000);
  await bench.quiet('gate_out');

  const [session] = await bench.sessions();
  assert.ok(session);
  assert.deepEqual(
    terminal?.charges.map(({ key, outcome }) => [key, outcome?.status]),
    [
      [`${session.id}:1`, 'declined'],
      [`${session.id}:1:2`, 'approved'],
    ],
  );
  assert.deepEqual(
    session.payments.map(({ key, revision }) => [key, revision]),
    [[`${session.id}:1:2`, 1]],
  );
  assert.deepEqual(
    (await bench.of('payment_failed')).map(({ data }) => [data.key, data.outcome]),
    [[`${session.id}:1`, 'declined']],
  );
  assert.deepEqual([stateOf(session), session.flags], ['closed', []]);
});
