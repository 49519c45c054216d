import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, card, credentialOf, HOUR } from './bench.js';

const KEY = 'gw-in:0123456789abcdef:1:1';

test('a paid exit: quoted, charged once, settled, approved, raised, passed', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  assert.deepEqual(lane.just, ['exit_quoted']);
  assert.deepEqual(lane.effectsOf('charge'), [{ kind: 'charge', key: KEY, amount: 8_000 }]);
  lane.approve();
  assert.deepEqual(lane.just, ['payment_settled', 'exit_approved', 'opening_commanded']);
  assert.equal(lane.effectsOf('send')[0]?.paid, true);
  lane.rise().drive();
  lane.arm('down');
  assert.deepEqual(lane.kinds.slice(-2), ['exit_passed', 'arm_down']);
  assert.equal(lane.sessions.size, 0);
});

test('an exit within the free minutes is approved at once, without a payment', () => {
  const lane = Bench.exit().withVehicle();
  lane.inside('CARD_002', 60_000);
  lane.exitOrder('CARD_002', 'cash', 'order-1');
  assert.deepEqual(lane.just, ['exit_approved', 'opening_commanded']);
  const answer = lane.answers[0]?.answer;
  assert.equal(answer?.ok && answer.outcome, 'settled');
});

test("a member's right covers the stay: zero, and no payment row", () => {
  const lane = Bench.exit().withVehicle();
  lane.cards.set(credentialOf('CARD_002'), card('CARD_002', { right: 'member' }));
  lane.inside('CARD_002', 5 * HOUR, { right: 'member' });
  lane.tap('CARD_002');
  assert.deepEqual(lane.just, ['exit_approved', 'opening_commanded']);
  assert.equal(lane.of('exit_approved')[0]?.data.quote.amount, 0);
});

const denials: [title: string, arrange: (lane: Bench) => void, reason: string][] = [
  ['nobody entered with it', (lane) => lane.sessions.clear(), 'no_open_session'],
  [
    'there is no tariff',
    (lane) => {
      lane.tariffs = [];
    },
    'no_tariff',
  ],
  [
    'the tariff has no rate for the class',
    (lane) => lane.inside('CARD_001', HOUR, { vehicle_class: 'bus' }),
    'no_tariff',
  ],
  ['the fee needs a person', (lane) => lane.inside('CARD_001', 40 * HOUR), 'fee_above_ceiling'],
];
for (const [title, arrange, reason] of denials) {
  test(`an exit is denied with ${reason} when ${title}`, () => {
    const lane = Bench.exit().withVehicle();
    arrange(lane);
    lane.tap('CARD_001');
    assert.deepEqual(lane.just, ['exit_denied']);
    assert.equal(lane.of('exit_denied')[0]?.data.reason, reason);
    assert.equal(lane.effectsOf('charge').length, 0);
  });
}

test('a blocked card leaves, with an alert', () => {
  const lane = Bench.exit().withVehicle();
  lane.cards.set(credentialOf('CARD_002'), card('CARD_002', { status: 'blocked' }));
  lane.inside('CARD_002', 60_000);
  lane.tap('CARD_002');
  assert.deepEqual([lane.just[0], lane.state.last?.result], ['exit_approved', 'card_blocked']);
});

test('cash is an operator confirming the quote', () => {
  const lane = Bench.exit().withVehicle();
  lane.exitOrder('CARD_001', 'cash', 'order-1');
  assert.deepEqual(lane.just, ['exit_quoted', 'payment_settled', 'exit_approved', 'opening_commanded']);
  const { method, reference, key, amount } = lane.of('payment_settled')[0]?.data ?? {};
  assert.deepEqual([method, reference, key, amount], ['cash', 'order-1', KEY, 8_000]);
  assert.equal(lane.effectsOf('charge').length, 0);
});

test('cash while the terminal asks: the terminal lets go first, then the cash settles', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.exitOrder('CARD_001', 'cash', 'order-1');
  assert.deepEqual(lane.effectsOf('cancel'), [{ kind: 'cancel', key: KEY }]);
  assert.equal(lane.answers.length, 0);
  lane.pay({ status: 'cancelled', reason: 'by_host' });
  assert.deepEqual(lane.just, ['payment_failed', 'payment_settled', 'exit_approved', 'opening_commanded']);
  const answer = lane.answers[0];
  assert.deepEqual([answer?.command, answer?.answer.ok && answer.answer.outcome], ['order-1', 'settled']);
});

test('cash while the terminal asks, and the driver was faster with his card: one payment', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.exitOrder('CARD_001', 'cash', 'order-1');
  lane.approve();
  assert.deepEqual(
    lane.of('payment_settled').map(({ data }) => data.method),
    ['emoney'],
  );
  assert.equal(lane.answers[0]?.answer.ok, true);
});

test('a method that the lane does not take is refused before anything is recorded', () => {
  const lane = Bench.exit().withVehicle();
  lane.exitOrder('CARD_001', 'card', 'order-1');
  const answer = lane.answers[0]?.answer;
  assert.equal(answer?.ok === false && answer.code, 'payment_method_unavailable');
  assert.equal(lane.records.length, 0);
});

test('an exit order by e-money answers that it awaits the payment, and a second one the same', () => {
  const lane = Bench.exit().withVehicle();
  lane.exitOrder('CARD_001', 'emoney', 'order-1');
  lane.exitOrder('CARD_001', 'emoney', 'order-2');
  const outcomes = lane.answers.map(({ answer }) => answer.ok && answer.outcome);
  assert.deepEqual(outcomes, ['awaiting_payment', 'awaiting_payment']);
  assert.equal(lane.effectsOf('charge').length, 1);
});

test('a declined driver may try again, under a key that the terminal does not know', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.pay({ status: 'declined', reason: 'by_issuer' });
  assert.deepEqual([lane.just, lane.state.phase], [['payment_failed'], 'vehiclePresent']);
  lane.tap('CARD_001');
  assert.deepEqual(
    lane.effectsOf('charge').map(({ key }) => key),
    [KEY, `${KEY}:2`],
  );
});

test('an unknown outcome is resolved before anyone is asked to pay again', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.pay({ status: 'unknown', reason: 'connection_lost' });
  assert.deepEqual([lane.state.phase, lane.state.faults], ['deciding', ['payment_unresolved']]);
  lane.tap('CARD_001');
  lane.feed({ kind: 'unresolved', key: KEY, reason: 'terminal_offline' });
  lane.advance(10_000);
  assert.equal(lane.effectsOf('charge').length, 1);
  assert.ok(lane.effectsOf('resolve').length >= 4, 'asked again and again');
  lane.approve();
  assert.deepEqual(lane.just, ['fault_cleared', 'payment_settled', 'exit_approved', 'opening_commanded']);
});

test('a charge that the terminal never saw is asked for anew', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.pay({ status: 'unknown', reason: 'connection_lost' });
  lane.pay({ status: 'none' });
  const again = lane.effectsOf('lookAgain')[0];
  assert.ok(again);
  lane.present(again.presented);
  assert.equal(lane.effectsOf('charge').length, 2);
  assert.equal(lane.state.phase, 'awaitingPayment');
});

test('while the charge of one stay is unresolved, the next driver waits for the terminal and may pay cash', () => {
  const lane = Bench.exit().withVehicle();
  lane.inside('CARD_002', 2 * HOUR);
  lane.tap('CARD_001');
  lane.pay({ status: 'unknown', reason: 'connection_lost' });
  lane.loop('arming', false);
  lane.loop('arming', true);
  lane.tap('CARD_002');
  assert.deepEqual([lane.state.phase, lane.effectsOf('charge').length], ['deciding', 1]);
  lane.loop('arming', false);
  lane.loop('arming', true);
  lane.exitOrder('CARD_002', 'cash', 'order-1');
  assert.equal(lane.state.phase, 'opening');
});

test('a vehicle that backs out while paying cancels the charge, and money taken all the same stays on its session', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.loop('arming', false);
  lane.advance(2_000);
  assert.deepEqual([lane.state.phase, lane.effectsOf('cancel').length], ['closed', 1]);
  lane.approve();
  assert.deepEqual(lane.just, ['payment_settled']);
  assert.equal(lane.effectsOf('send').length, 0);
  lane.loop('arming', true);
  lane.tap('CARD_001');
  assert.deepEqual(lane.just, ['exit_approved', 'opening_commanded'], 'the credit is subtracted');
});

test('an exit that is voided keeps what was paid for the next quote', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.approve();
  lane.rise();
  lane.loop('arming', false);
  lane.advance(2_000);
  assert.equal(lane.of('exit_voided')[0]?.data.reason, 'back_out');
  lane.arm('down');
  lane.advance(2 * HOUR);
  lane.loop('arming', true);
  lane.tap('CARD_001');
  assert.equal(lane.effectsOf('charge')[1]?.amount, 6_000);
  assert.equal(lane.effectsOf('charge')[1]?.key, 'gw-in:0123456789abcdef:1:2');
});

test('a driver who takes too long is not asked for ever', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.advance(120_000);
  assert.equal(lane.effectsOf('cancel').length, 1);
  lane.pay({ status: 'cancelled', reason: 'by_host' });
  assert.equal(lane.state.phase, 'vehiclePresent');
});

test('without a terminal the driver waits for an operator to take cash', () => {
  const lane = Bench.exit({ terminal: false }).withVehicle();
  lane.tap('CARD_001');
  assert.deepEqual([lane.state.phase, lane.effectsOf('charge').length], ['awaitingPayment', 0]);
  lane.exitOrder('CARD_001', 'cash', 'order-1');
  assert.deepEqual(lane.just, ['payment_settled', 'exit_approved', 'opening_commanded']);
});

test('money that is approved while the barrier is away is recorded, and the next tap opens', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.feed({ kind: 'offline', reason: 'unplugged' });
  lane.approve();
  assert.deepEqual(lane.just, ['payment_settled']);
  lane.connect();
  lane.tap('CARD_001');
  assert.deepEqual(lane.just, ['exit_approved', 'opening_commanded']);
});

test('an outcome of a charge that nobody made is ignored', () => {
  const lane = Bench.exit().withVehicle();
  lane.pay({ status: 'declined', reason: 'x' }, 'stranger');
  assert.equal(lane.last?.ignored, 'no_such_charge');
});

test('cash taken while the terminal is lost settles once the terminal says that it took nothing, and the driver leaves', () => {
  const lane = Bench.exit().withVehicle();
  lane.tap('CARD_001');
  lane.exitOrder('CARD_001', 'cash', 'order-1');
  lane.pay({ status: 'unknown', reason: 'connection_lost' });
  lane.pay({ status: 'none' });
  assert.equal(lane.of('payment_settled')[0]?.data.method, 'cash');
  const again = lane.effectsOf('lookAgain')[0];
  assert.ok(again);
  lane.present(again.presented);
  assert.deepEqual(lane.just, ['exit_approved', 'opening_commanded']);
});

test('whoever waits for a terminal that another stay has left in doubt may pay cash after all', () => {
  const lane = Bench.exit().withVehicle();
  lane.inside('CARD_002', 1.75 * HOUR);
  lane.tap('CARD_001');
  lane.pay({ status: 'unknown', reason: 'connection_lost' });
  lane.loop('arming', false);
  lane.loop('arming', true);
  lane.tap('CARD_002');
  assert.equal(lane.state.phase, 'deciding');
  lane.exitOrder('CARD_003', 'cash', 'stranger');
  assert.equal(lane.last?.ignored, 'lane_busy');
  lane.exitOrder('CARD_002', 'cash', 'order-1');
  assert.deepEqual(lane.just, ['exit_quoted', 'payment_settled', 'exit_approved', 'opening_commanded']);
  assert.equal(lane.state.debt?.stage, 'unknown', 'the doubt of the other stay is asked on');
});
