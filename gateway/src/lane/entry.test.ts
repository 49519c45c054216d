import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, card, credentialOf, HOUR } from './bench.js';

test('a card at an entry is approved, recorded with its opening, and only then raised', () => {
  const lane = new Bench().withVehicle();
  const { records, effects } = lane.tap('CARD_001');
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ['entry_approved', 'opening_commanded'],
  );
  const [first] = lane.records.slice(-2);
  const session = `gw-test:00000000000000ee:${first?.seq}`;
  assert.equal(lane.of('opening_commanded')[0]?.session, session);
  const raise = effects.find((effect) => effect.kind === 'send');
  const opening = lane.of('opening_commanded')[0]?.data;
  assert.deepEqual(raise?.prepared, { boot: opening?.board_boot, sequence: opening?.board_sequence });
  assert.equal(lane.effectsOf('opened')[0]?.session.id, session);
  assert.equal(lane.state.phase, 'opening');
});

test('a car in makes one session: approved, up, passed, down, closed again', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.rise().drive();
  assert.equal(lane.state.phase, 'closing');
  lane.arm('lowering');
  lane.arm('down');
  assert.deepEqual(lane.kinds, [
    'entry_approved',
    'opening_commanded',
    'arm_opened',
    'arm_up',
    'entry_passed',
    'arm_down',
  ]);
  assert.equal(lane.of('entry_passed')[0]?.data.evidence, 'passageProven');
  assert.equal(lane.state.phase, 'closed');
  assert.equal(lane.effectsOf('send').length, 1, 'the board lowers by itself');
});

test('a host that closes asks for the arm to come down after the passage', () => {
  const lane = new Bench({ profile: { closer: 'host' } }).withVehicle();
  lane.tap('CARD_001');
  lane.rise().drive();
  assert.deepEqual(
    lane.effectsOf('send').map(({ operation }) => operation),
    ['raise', 'lower'],
  );
});

const refusals: [title: string, arrange: (lane: Bench) => void, code: string][] = [
  ['no vehicle is there', (lane) => lane.connect(), 'no_vehicle'],
  ['the device is away', () => undefined, 'lane_fault'],
  ['the lane is out of service', (lane) => lane.withVehicle().gate('out_of_service'), 'out_of_service'],
  ['another transaction is under way', (lane) => lane.withVehicle().tap('CARD_002'), 'lane_busy'],
  [
    'nothing is known of the site yet',
    (lane) => {
      lane.withVehicle().settings = null;
    },
    'not_ready',
  ],
];
for (const [title, arrange, code] of refusals) {
  test(`an entry order is refused with ${code} when ${title}`, () => {
    const lane = new Bench();
    arrange(lane);
    const before = lane.records.length;
    lane.entryOrder('CARD_001', 'order-1');
    const answer = lane.answers.at(-1);
    assert.equal(answer?.command, 'order-1');
    assert.equal(answer.answer.ok ? 'ok' : answer.answer.code, code);
    assert.equal(lane.last?.ignored, code);
    assert.equal(lane.records.length, before);
  });
}

const denials: [title: string, arrange: (lane: Bench) => void, reason: string][] = [
  ['the card is unknown', (lane) => lane.cards.clear(), 'unknown_credential'],
  [
    'the card is blocked',
    (lane) => lane.cards.set(credentialOf('CARD_001'), card('CARD_001', { status: 'blocked' })),
    'card_blocked',
  ],
  ['the card is inside already', (lane) => lane.inside('CARD_001', HOUR), 'already_inside'],
  [
    'the site is full',
    (lane) => {
      lane.occupied = 100;
    },
    'site_full',
  ],
  [
    'the vehicle is of another class',
    (lane) => lane.cards.set(credentialOf('CARD_001'), card('CARD_001', { vehicle_class: 'bus' })),
    'class_not_allowed',
  ],
];
for (const [title, arrange, reason] of denials) {
  test(`an entry is denied with ${reason} when ${title}, recorded, and shown for a while`, () => {
    const lane = new Bench().withVehicle();
    arrange(lane);
    lane.tap('CARD_001');
    assert.deepEqual(lane.just, ['entry_denied']);
    assert.equal(lane.of('entry_denied')[0]?.data.reason, reason);
    assert.equal(lane.effectsOf('send').length, 0);
    assert.equal(lane.state.phase, 'denied');
    lane.advance(3_000);
    assert.equal(lane.state.phase, 'vehiclePresent');
  });
}

test('a kind of credential that the lane does not accept is denied', () => {
  const lane = new Bench({ profile: { credentials: ['w34'] } }).withVehicle();
  lane.tap('CARD_001');
  assert.equal(lane.of('entry_denied')[0]?.data.reason, 'unknown_credential');
});

test('an exit order at an entry lane is the wrong direction', () => {
  const lane = new Bench().withVehicle();
  lane.exitOrder('CARD_001', 'cash', 'order-1');
  assert.equal(lane.of('exit_denied')[0]?.data.reason, 'wrong_direction');
});

test('a reversible lane lets in who is outside and out who is inside', () => {
  const lane = new Bench({ profile: { direction: 'reversible' } }).withVehicle();
  lane.inside('CARD_002', 60_000);
  lane.tap('CARD_001');
  assert.equal(lane.just[0], 'entry_approved');
  lane.rise().drive();
  lane.arm('down');
  lane.loop('arming', true);
  lane.tap('CARD_002');
  assert.equal(lane.just[0], 'exit_approved');
});

test('an unreadable card asks again, and a readable one is then taken', () => {
  const lane = new Bench().withVehicle();
  lane.feed({ kind: 'unreadable', reason: 'parity' });
  assert.equal(lane.state.phase, 'identifying');
  lane.tap('CARD_001');
  assert.equal(lane.state.phase, 'opening');
});

const early: [title: string, before: (lane: Bench) => void, after: (lane: Bench) => void][] = [
  [
    'while the one before is still under the arm',
    (lane) => {
      lane.loop('closing', true);
      lane.loop('arming', false);
      lane.loop('arming', true);
    },
    (lane) => lane.loop('closing', false),
  ],
  [
    'while the arm comes down behind the one before',
    (lane) => {
      lane.drive();
      lane.arm('lowering');
      lane.loop('arming', true);
    },
    () => undefined,
  ],
  [
    'in a queue so dense that the arming loop never clears, which proves that the one before went through',
    (lane) => {
      lane.loop('closing', true);
      lane.loop('closing', false);
    },
    () => undefined,
  ],
];
for (const [title, before, after] of early) {
  test(`who taps ${title} has his turn when the arm is down, with an opening of his own`, () => {
    const lane = new Bench().withVehicle();
    lane.tap('CARD_001');
    lane.rise();
    before(lane);
    lane.tap('CARD_002');
    assert.equal(lane.last?.ignored, null);
    after(lane);
    assert.deepEqual(lane.effectsOf('lookAgain'), []);
    lane.arm('down');
    const again = lane.effectsOf('lookAgain')[0];
    assert.ok(again);
    lane.present(again.presented);
    assert.deepEqual(lane.just, ['entry_approved', 'opening_commanded']);
    assert.equal(lane.of('entry_passed').length, 1);
  });
}

test('who taps early and drives away again gets no opening', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.rise().drive();
  lane.loop('arming', true);
  lane.tap('CARD_002');
  lane.loop('arming', false);
  lane.arm('down');
  assert.deepEqual(lane.effectsOf('lookAgain'), []);
});

test('an order that comes while the arm is still up is told that the lane is busy', () => {
  const lane = new Bench().withVehicle();
  lane.tap('CARD_001');
  lane.rise().drive();
  lane.loop('arming', true);
  lane.entryOrder('CARD_002', 'order-1');
  assert.equal(lane.last?.ignored, 'lane_busy');
});
