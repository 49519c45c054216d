import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stateOf } from '@palang/contract/session/session';
import { GatewayBench } from './gatewayBench.js';
import { vehicle } from './gatewayData.js';

test('who slips in behind another leaves an event, a photo and a provisional session of its own', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  world.send(vehicle('CARD_001'));
  world.send(vehicle(null, { plate: 'D 1 EF', behaviour: 'tailgate' }));
  await bench.until(() => world.state.passed === 2, 30_000);
  await bench.quiet('gate_in');

  const { raised, lowered, hits } = world.state.arm;
  assert.deepEqual({ raised, lowered, hits }, { raised: 1, lowered: 1, hits: 0 });
  const [first, second, ...more] = await bench.sessions();
  assert.ok(first && second);
  assert.equal(more.length, 0);
  assert.deepEqual([stateOf(first), first.provisional, first.flags], ['parked', false, ['tailgated']]);
  assert.deepEqual([stateOf(second), second.provisional, second.entry?.credential], ['parked', true, null]);
  assert.deepEqual(
    second.photos.map(({ purpose }) => purpose),
    ['tailgating'],
  );
  const [event, ...others] = await bench.of('tailgating');
  assert.deepEqual([event?.data.behind, event?.data.direction, others.length], [first.id, 'in', 0]);
  assert.equal((await bench.of('entry_passed')).length, 1);
});

test('who follows as close as a trailer cannot be told from one: one session, and the arm hits nobody', async (t) => {
  const bench = await GatewayBench.open(t);
  const { world } = bench.at('gate_in');
  world.send(vehicle('CARD_001'));
  world.send(vehicle(null, { plate: 'D 1 EF', behaviour: 'tailgate_closely' }));
  await bench.until(() => world.state.passed === 2, 30_000);
  await bench.quiet('gate_in');
  assert.deepEqual((await bench.sessions()).map(stateOf), ['parked']);
  assert.equal((await bench.of('tailgating')).length, 0);
  assert.equal(world.state.arm.hits, 0);
});

test('who slips out behind another is told with a photo of the one before, whose own exit is one exit', async (t) => {
  const bench = await GatewayBench.open(t);
  await bench.bringIn('CARD_001');
  const { world } = bench.at('gate_out');
  world.send(vehicle('CARD_001'));
  world.send(vehicle(null, { plate: 'D 1 EF', behaviour: 'tailgate' }));
  await bench.until(() => world.state.passed === 2, 30_000);
  await bench.quiet('gate_out');
  const [session, ...more] = await bench.sessions();
  assert.ok(session);
  assert.equal(more.length, 0);
  assert.deepEqual([stateOf(session), session.payments.length, session.flags], ['closed', 1, ['tailgated']]);
  assert.deepEqual(
    (await bench.of('tailgating')).map(({ data }) => [data.direction, data.behind]),
    [['out', session.id]],
  );
  assert.ok(session.photos.some(({ purpose }) => purpose === 'tailgating'));
});
