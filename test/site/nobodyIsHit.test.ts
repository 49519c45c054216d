import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BoardHost, EVENT, OPERATION } from '../fakes/boardHost.js';
import { lane, order, runUntil } from './laneScene.fixture.js';
import type { SimulatedLane } from './site.js';
import { BEHAVIOURS, type VehicleType } from './world/vehicle.js';

const DURATION_MS = 90_000;
const TYPES: readonly VehicleType[] = ['car', 'motorcycle', 'truck', 'bus'];

/** A repeatable source of choices: the same seed gives the same afternoon. */
function chooser(seed: number) {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[below(choices.length)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice;
  };
  return { below, pick };
}

type Chooser = ReturnType<typeof chooser>;

/** One arbitrary thing that drivers, operators or detectors may do. */
function mischief({ world, board }: SimulatedLane, host: BoardHost, { below, pick }: Chooser): void {
  const { vehicles } = world.state;
  const kind = below(8);
  if (kind < 5) {
    const card = below(5) > 0 ? ({ bits: 26, value: below(2 ** 24) } as const) : undefined;
    world.send(order({ type: pick(TYPES), behaviour: pick(BEHAVIOURS), card }));
  } else if (kind === 5 && vehicles.length > 0) {
    world.tell(pick(vehicles).id, pick(['leave', 'back_out']));
  } else if (kind === 6) {
    const named = { device: 'closing_loop', fault: pick(['stuck', 'chatter'] as const) } as const;
    world.setFault(named, true);
    board.schedule(board.nowMs + below(4_000), () => world.setFault(named, false));
  } else host.command(pick(Object.values(OPERATION)));
}

for (const seed of [1, 2, 3]) {
  test(`through an afternoon of mischief (seed ${seed}) the arm comes down on nobody`, () => {
    const { lane: gate, host } = lane();
    const choose = chooser(seed);
    let [heard, next] = [0, gate.board.nowMs];
    while (gate.board.nowMs < DURATION_MS) {
      gate.board.runUntil(gate.board.nowMs + 1);
      for (const { type } of host.events.slice(heard)) if (type === EVENT.card) host.command(OPERATION.raise);
      heard = host.events.length;
      if (gate.board.nowMs < next) continue;
      next += 1_500 + choose.below(6_000);
      mischief(gate, host, choose);
      for (const { id, phase } of gate.world.state.vehicles) if (phase === 'staying') gate.world.tell(id, 'leave');
    }
    const { arm, passed } = gate.world.state;
    assert.equal(arm.hits, 0);
    assert.ok(arm.raised > 0 && passed > 0, 'nothing happened this afternoon');
  });
}

test('the world would notice: with a dead closing loop the arm does come down on a car', () => {
  const { lane: gate, host } = lane();
  gate.world.setFault({ device: 'closing_loop', fault: 'dead' }, true);
  gate.world.send(order({ card: { bits: 26, value: 1 }, behaviour: 'stay_under_arm' }));
  runUntil(gate, () => host.events.some(({ type }) => type === EVENT.card), 5_000);
  host.command(OPERATION.raise);
  runUntil(gate, () => gate.world.state.vehicles[0]?.phase === 'staying', 10_000);
  host.command(OPERATION.lower);
  runUntil(gate, () => gate.world.state.arm.hits === 1, 5_000);
  assert.ok(gate.world.state.arm.angle > 30);
});
