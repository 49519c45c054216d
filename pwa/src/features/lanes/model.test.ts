import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateView, laneRecord, snapshot } from '../../live/testing.js';
import { boardHeardAt, faultsOf, headline, light } from './model.js';

test('a lane whose gateway is away shows that and not its last state', () => {
  assert.equal(headline(laneRecord({ view: gateView({ status: 'offline' }) })), 'offline');
  assert.equal(headline(laneRecord({ view: gateView({ live: null }) })), 'unknown');
  assert.equal(headline(laneRecord()), 'closed');
});

test('a fault that stops the lane is shown before one that does not', () => {
  const live = snapshot({ faults: ['camera_offline', 'arm_broken'] });
  assert.deepEqual(faultsOf(laneRecord({ view: gateView({ live }) })), [
    { code: 'arm_broken', critical: true },
    { code: 'camera_offline', critical: false },
  ]);
});

test('a missing sensor is a profile, a detached arm is a fault', () => {
  const inputs = { ...snapshot().inputs, closing_loop: null, arm_in_place: false };
  assert.equal(light(inputs, 'closing_loop'), 'absent');
  assert.equal(light(inputs, 'arm_in_place'), 'broken');
  assert.equal(light(inputs, 'lower_limit'), 'on');
});

test('sensors are as old as the board was silent when the gateway last spoke', () => {
  const live = snapshot({ controller: { status: 'connected', age: 7_000, firmware: null, openings: null } });
  assert.equal(boardHeardAt(laneRecord({ view: gateView({ live }), heardAt: 20_000 })), 13_000);
  assert.equal(boardHeardAt(laneRecord({ heardAt: null })), null);
});
