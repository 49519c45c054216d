import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lane, order, runUntil } from './laneScene.fixture.js';
import type { Answer } from './terminal/messages.js';
import type { Pays } from './world/vehicle.js';

const CHARGE = { id: '1', op: 'charge', key: 'k', amount: 5_000, currency: 'IDR' } as const;

function asking(pays: Pays) {
  const { lane: gate } = lane();
  const answers: Answer[] = [];
  gate.world.send(order({ pays, instrument: 'qris' }));
  runUntil(gate, () => gate.world.state.vehicles[0]?.phase === 'waiting', 5_000);
  gate.terminal?.handle(CHARGE, { answer: (answer) => answers.push(answer), drop: () => assert.fail('dropped') });
  return { gate, answers, askedAt: gate.board.nowMs };
}

for (const { pays, status, afterMs } of [
  { pays: 'approve', status: 'approved', afterMs: 1_000 },
  { pays: 'approve_slowly', status: 'approved', afterMs: 8_000 },
  { pays: 'decline', status: 'declined', afterMs: 1_000 },
  { pays: 'never', status: 'cancelled', afterMs: 60_000 },
] satisfies { pays: Pays; status: string; afterMs: number }[]) {
  test(`a driver who pays "${pays}" makes the terminal answer ${status} after ${afterMs} ms`, () => {
    const { gate, answers, askedAt } = asking(pays);
    assert.equal(answers[0]?.status, 'waiting');
    runUntil(gate, () => answers.length === 2, afterMs + 200);
    assert.equal(answers[1]?.status, status);
    const took = gate.board.nowMs - askedAt;
    assert.ok(took >= afterMs && took < afterMs + 100, `${took} ms`);
    if (status === 'approved') assert.equal(answers[1]?.instrument, 'qris');
  });
}

test('a driver who has left does not pay', () => {
  const { gate, answers } = asking('approve_slowly');
  gate.world.tell('v1', 'back_out');
  gate.board.runUntil(gate.board.nowMs + 20_000);
  assert.equal(gate.world.state.backedOut, 1);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['waiting'],
  );
});
