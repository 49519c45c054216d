import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Me } from '@palang/contract/api/shapes';
import type { Link } from '../../hub/link.js';
import { OLD_ABOVE } from '../../live/age.js';
import { gateView, laneRecord, snapshot } from '../../live/testing.js';
import { ANSWER_WITHIN, actionsFor, answered, begin, blocked, CONFIRM_WITHIN, isUnderWay, observed } from './model.js';

const ONLINE: Link = { state: 'online', since: 0, heardAt: 0, roundTrip: 4 };
const OPERATOR: Me = { name: 'sari', kind: 'user', role: 'operator', can: ['gate:control'] };
const up = (seenAt: number) => laneRecord({ view: gateView({ live: snapshot({ arm: 'up' }) }), seenAt });

test('an opening is sent, then accepted, then confirmed by the arm being seen up', () => {
  let attempt = begin('gate_in', 'open', 100);
  assert.equal(attempt.stage, 'sent');
  attempt = answered(attempt, null, laneRecord(), 200);
  assert.equal(attempt.stage, 'accepted');
  attempt = observed(attempt, up(900), 900);
  assert.equal(attempt.stage, 'confirmed');
  assert.equal(isUnderWay(attempt), false);
});

test('an arm seen up before the command was sent confirms nothing', () => {
  const attempt = answered(begin('gate_in', 'open', 1_000), null, up(999), 1_100);
  assert.equal(attempt.stage, 'accepted');
});

test('an arm seen up before the answer arrived confirms when it arrives', () => {
  const attempt = answered(begin('gate_in', 'open', 1_000), null, up(1_050), 1_100);
  assert.equal(attempt.stage, 'confirmed');
});

test('an accepted opening that no sensor confirms becomes unknown, not failed', () => {
  const accepted = answered(begin('gate_in', 'open', 0), null, laneRecord(), 100);
  assert.equal(observed(accepted, laneRecord(), 100 + CONFIRM_WITHIN).stage, 'accepted');
  const late = observed(accepted, laneRecord(), 101 + CONFIRM_WITHIN);
  assert.deepEqual([late.stage, late.code], ['unknown', 'not_seen']);
});

for (const [code, stage] of [
  ['gateway_offline', 'refused'],
  ['lane_fault', 'refused'],
  ['forbidden', 'refused'],
  ['gateway_timeout', 'unknown'],
  ['unreachable', 'unknown'],
  ['bad_answer', 'unknown'],
] as const) {
  test(`an answer ${code} leaves the command ${stage}`, () => {
    const attempt = answered(begin('gate_in', 'open', 0), code, laneRecord(), ANSWER_WITHIN);
    assert.deepEqual([attempt.stage, attempt.code], [stage, code]);
  });
}

test('a lane that cannot see its arm says that the opening is unproven', () => {
  const view = gateView({ lane: { ...gateView().lane, evidence: 'pulseSent' } });
  assert.equal(answered(begin('gate_in', 'open', 0), null, laneRecord({ view }), 10).stage, 'unproven');
});

test('a hold is confirmed by the held state and not by the arm alone', () => {
  const accepted = answered(begin('gate_in', 'hold', 0), null, up(50), 100);
  assert.equal(accepted.stage, 'accepted');
  const held = laneRecord({ view: gateView({ live: snapshot({ arm: 'up', state: 'heldOpen' }) }), seenAt: 200 });
  assert.equal(observed(accepted, held, 200).stage, 'confirmed');
});

test('an answer to a command that is already decided changes nothing', () => {
  const refused = answered(begin('gate_in', 'open', 0), 'lane_fault', laneRecord(), 10);
  assert.equal(answered(refused, null, up(20), 20), refused);
});

for (const [why, block] of [
  [
    'offline',
    () =>
      blocked({ state: 'offline', since: 0, retryAt: null, reason: 'silent' }, OPERATOR, laneRecord(), undefined, 0),
  ],
  ['forbidden', () => blocked(ONLINE, { ...OPERATOR, can: [] }, laneRecord(), undefined, 0)],
  [
    'lane_offline',
    () => blocked(ONLINE, OPERATOR, laneRecord({ view: gateView({ status: 'offline' }) }), undefined, 0),
  ],
  [
    'board_offline',
    () =>
      blocked(ONLINE, OPERATOR, laneRecord({ view: gateView({ controller_status: 'disconnected' }) }), undefined, 0),
  ],
  ['old', () => blocked(ONLINE, OPERATOR, laneRecord(), undefined, OLD_ABOVE + 1)],
  ['under_way', () => blocked(ONLINE, OPERATOR, laneRecord(), begin('gate_in', 'open', 0), 0)],
  [null, () => blocked(ONLINE, OPERATOR, laneRecord(), undefined, OLD_ABOVE)],
] as const) {
  test(`a lane is ${why === null ? 'free to command when all is well' : `blocked as ${why}`}`, () => {
    assert.equal(block(), why);
  });
}

test('what can be asked follows the lane state', () => {
  const at = (state: 'closed' | 'heldOpen' | 'outOfService') =>
    actionsFor(laneRecord({ view: gateView({ live: snapshot({ state }) }) }))[0];
  assert.deepEqual([at('closed'), at('heldOpen'), at('outOfService')], ['open', 'release', 'in_service']);
});
