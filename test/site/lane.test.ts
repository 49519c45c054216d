import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { BoardHost, EVENT, OPERATION } from '../fakes/boardHost.js';
import { lane, order, runUntil } from './laneScene.fixture.js';
import { PINS } from './world/wiring.js';

const CARD = { bits: 26, value: 0x12_34_56 } as const;

test('a car shows its card, the host raises, the car passes, the board closes by itself', () => {
  const { lane: gate, host } = lane();
  gate.world.send(order({ card: CARD }));
  runUntil(gate, () => host.events.some(({ type }) => type === EVENT.card), 5_000);
  assert.deepEqual(host.events.find(({ type }) => type === EVENT.card)?.data, [26, 0x56, 0x34, 0x12, 0]);

  host.command(OPERATION.raise);
  runUntil(gate, () => gate.world.state.passed === 1 && gate.world.state.arm.lowered === 1, 15_000);
  assert.deepEqual(host.results, [0]);
  const { arm, vehicles } = gate.world.state;
  assert.deepEqual(
    { raised: arm.raised, hits: arm.hits, vehicles: vehicles.length },
    { raised: 1, hits: 0, vehicles: 0 },
  );
  runUntil(gate, () => host.status?.state === 0, 1_000);
  assert.equal(host.status?.openings, 1);
  assert.deepEqual(
    host.events.filter(({ type }) => type === EVENT.passage).map(({ data }) => data[0]),
    [1, 2],
  );
});

test('nothing moves unasked', () => {
  const { lane: gate } = lane();
  gate.board.runUntil(30_000);
  const { arm, vehicles } = gate.world.state;
  assert.deepEqual([arm.angle, arm.raised, vehicles.length], [0, 0, 0]);
});

/** 87 degrees is within the lowering pulse, 10 shortly before the arm is down. */
for (const angle of [87, 60, 30, 10]) {
  test(`an obstruction with the falling arm at ${angle} degrees re-opens it within 10 ms`, () => {
    const { lane: gate, host } = lane();
    host.command(OPERATION.raise);
    runUntil(gate, () => host.status?.state === 2, 5_000);
    host.command(OPERATION.lower);
    runUntil(gate, () => gate.world.state.arm.angle < angle, 5_000);

    const { board } = gate;
    const obstructedAt = board.nowMs;
    let raisedAt: number | undefined;
    board.onOutput(PINS.raiseRelay, (high, timeMs) => {
      if (!high) return;
      raisedAt ??= timeMs;
      assert.equal(board.output(PINS.lowerRelay), false, 'both relays at once');
    });
    gate.world.setFault({ device: 'closing_loop', fault: 'stuck' }, true);
    runUntil(gate, () => raisedAt !== undefined, 100);
    const delay = (raisedAt ?? Number.NaN) - obstructedAt;
    assert.ok(delay >= 0 && delay <= 10, `raised after ${delay} ms`);
    assert.equal(board.output(PINS.lowerRelay), false);
    runUntil(gate, () => gate.world.state.arm.angle === 90, 5_000);
    assert.equal(gate.world.state.arm.lowered, 0);
  });
}

test('the arm stays up over a car that stops under it, with the host dead', () => {
  const { lane: gate, host } = lane();
  gate.world.send(order({ card: CARD, behaviour: 'stay_under_arm' }));
  runUntil(gate, () => host.events.some(({ type }) => type === EVENT.card), 5_000);
  host.command(OPERATION.raise);
  runUntil(gate, () => gate.world.state.vehicles[0]?.phase === 'staying', 10_000);
  host.stop();
  gate.board.runUntil(gate.board.nowMs + 40_000);
  const { arm, vehicles } = gate.world.state;
  assert.deepEqual([arm.angle, arm.hits, vehicles[0]?.phase], [90, 0, 'staying']);

  gate.world.tell(vehicles[0]?.id ?? '', 'leave');
  runUntil(gate, () => gate.world.state.arm.lowered === 1, 15_000);
  assert.equal(gate.world.state.arm.hits, 0);
});

for (const { behaviour, passages } of [
  { behaviour: 'tailgate', passages: [1, 2, 1, 2] },
  { behaviour: 'tailgate_closely', passages: [1, 2] },
] as const) {
  test(`who follows by ${behaviour} passes under the same opening, is not hit, and makes the passages ${passages}`, () => {
    const { lane: gate, host } = lane();
    gate.world.send(order({ card: CARD }));
    gate.world.send(order({ plate: 'D 1', behaviour }));
    runUntil(gate, () => host.events.some(({ type }) => type === EVENT.card), 5_000);
    host.command(OPERATION.raise);
    runUntil(gate, () => gate.world.state.passed === 2 && gate.world.state.arm.lowered === 1, 20_000);
    const { arm } = gate.world.state;
    assert.deepEqual({ raised: arm.raised, hits: arm.hits }, { raised: 1, hits: 0 });
    const seen = host.events.filter(({ type }) => type === EVENT.passage).map(({ data }) => data[0]);
    assert.deepEqual(seen, passages);
  });
}

test('the counters in EEPROM go on in the next life of the process', () => {
  const first = lane();
  first.host.command(OPERATION.raise);
  runUntil(first.lane, () => first.lane.world.state.arm.raised === 1, 5_000);
  runUntil(first.lane, () => first.host.status?.openings === 1, 1_500);
  const second = lane(first.lane.board.eeprom.bytes);
  assert.equal(second.host.status?.openings, 1);
  assert.ok((second.host.status?.boot ?? 0) > (first.host.status?.boot ?? 0));
});

test('an unacknowledged event survives the reset that opening the port causes, and comes once', () => {
  const { lane: gate, host } = lane();
  host.stop();
  host.deafen();
  gate.world.showCard(CARD);
  gate.board.runUntil(gate.board.nowMs + 500);
  assert.equal(
    host.events.some(({ type }) => type === EVENT.card),
    false,
  );
  const next = new BoardHost(gate.board);
  runUntil(gate, () => next.events.some(({ type }) => type === EVENT.card), 3_000);
  gate.board.runUntil(gate.board.nowMs + 1_000);
  assert.equal(next.events.filter(({ type }) => type === EVENT.card).length, 1);
});

test('a card with wrong parity is reported as such and as no card', () => {
  const { lane: gate, host } = lane();
  gate.world.showCard(CARD, 'wrong');
  runUntil(gate, () => host.events.some(({ type }) => type === EVENT.cardError), 2_000);
  assert.deepEqual(host.events.find(({ type }) => type === EVENT.cardError)?.data, [26, 2]);
  gate.world.showCard({ bits: 34, value: 0xdead_beef });
  runUntil(gate, () => host.events.some(({ type }) => type === EVENT.card), 2_000);
  assert.deepEqual(host.events.find(({ type }) => type === EVENT.card)?.data, [34, 0xef, 0xbe, 0xad, 0xde]);
});

test('noise on the line moves nothing, and good commands get through once it stops', () => {
  const { lane: gate, host } = lane();
  gate.noise.set(true);
  gate.board.runUntil(gate.board.nowMs + 20_000);
  gate.noise.set(false);
  assert.equal(gate.world.state.arm.angle, 0);
  const before = host.status?.at ?? 0;
  runUntil(gate, () => (host.status?.at ?? 0) > before + 600, 3_000);
  host.command(OPERATION.raise);
  runUntil(gate, () => gate.world.state.arm.raised === 1, 5_000);
});

test('the same inputs give the same outputs to the cycle, and another time of one input does not', () => {
  const trace = (arrivalMs: number): string => {
    const { lane: gate, host } = lane();
    const hash = createHash('sha256');
    for (const pin of [PINS.raiseRelay, PINS.lowerRelay]) {
      gate.board.onOutput(pin, (high) => hash.update(`${pin}${high}@${gate.board.cycles};`));
    }
    gate.board.uart.onByte((byte, timeMs) => hash.update(`${byte}@${timeMs};`));
    gate.board.schedule(arrivalMs, () => gate.world.send(order({ card: CARD })));
    runUntil(gate, () => host.events.some(({ type }) => type === EVENT.card), 10_000);
    host.command(OPERATION.raise);
    runUntil(gate, () => gate.world.state.arm.lowered === 1, 20_000);
    return hash.digest('hex');
  };
  const first = trace(2_000);
  assert.equal(trace(2_000), first);
  assert.notEqual(trace(2_007), first);
});
