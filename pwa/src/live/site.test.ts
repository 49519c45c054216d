import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerMessage } from '@palang/contract/live/messages';
import { stamp } from '@palang/contract/testing/builders';
import { ageAt, freshness } from './age.js';
import { addEvents, FEED_KEPT } from './feed.js';
import { openSessions, replaceSessions, upsertSession } from './sessions.js';
import { apply, emptySite, type Site } from './site.js';
import { eventView, GATE, gateView, sessionView, snapshot, systemStatus } from './testing.js';

const status = (overrides: Parameters<typeof gateView>[0] = {}, time = 0): ServerMessage => ({
  type: 'system_status',
  payload: systemStatus({ gate_in: gateView(overrides) }, time),
});
const hardware = (lane: ReturnType<typeof snapshot>, online = true): ServerMessage => ({
  type: 'hardware_status',
  payload: { gate_id: GATE, lane, online },
});
const armOf = (site: Site) => site.lanes.gate_in?.view.live?.arm;

test('a live state that was overtaken by a newer one is ignored', () => {
  let site = apply(emptySite, status(), 0);
  site = apply(site, hardware(snapshot({ arm: 'up' }, 5_000)), 10);
  site = apply(site, hardware(snapshot({ arm: 'raising' }, 4_000)), 20);
  assert.equal(armOf(site), 'up');
  assert.equal(site.lanes.gate_in?.seenAt, 10);
});

test('a status that holds an older live state refreshes the age but not the state', () => {
  let site = apply(emptySite, status(), 0);
  site = apply(site, hardware(snapshot({ arm: 'up' }, 5_000)), 10);
  site = apply(site, status({ age: 300, live: snapshot({ arm: 'down' }, 4_000) }), 9_000);
  assert.equal(armOf(site), 'up');
  assert.equal(site.lanes.gate_in?.heardAt, 8_700);
});

test('a gateway that restarted with its clock far behind is believed, and its earlier boot no longer', () => {
  const reborn = { ...snapshot({ arm: 'down' }), at: stamp({ boot: '00000000000000bb', mono: 5, wall: 5 }) };
  let site = apply(emptySite, status(), 0);
  site = apply(site, hardware(snapshot({ arm: 'up' }, 500_000)), 10);
  site = apply(site, hardware(reborn), 20);
  assert.equal(armOf(site), 'down');
  site = apply(site, hardware(snapshot({ arm: 'up' }, 600_000)), 30);
  assert.equal(armOf(site), 'down');
});

test('a lane that went offline keeps its last state and the moment it was last heard', () => {
  let site = apply(emptySite, status({ age: 0 }), 1_000);
  site = apply(site, hardware(snapshot({ arm: 'up' }, 5_000), false), 8_000);
  assert.equal(site.lanes.gate_in?.view.status, 'offline');
  assert.equal(site.lanes.gate_in?.heardAt, 1_000);
});

test('a lane the hub no longer names disappears', () => {
  const site = apply(apply(emptySite, status(), 0), { type: 'system_status', payload: systemStatus({}) }, 10);
  assert.deepEqual(site.lanes, {});
});

test('a lane of which the hub never heard has no age, which counts as old', () => {
  const site = apply(emptySite, status({ age: null, live: null }), 5);
  assert.equal(site.lanes.gate_in?.heardAt, null);
  assert.equal(freshness(ageAt(null, 5)), 'old');
});

test('the hub clock is known as an offset, whatever this tablet believes', () => {
  assert.equal(apply(emptySite, status({}, 50_000), 20_000).hubOffset, 30_000);
});

for (const [age, expected] of [
  [0, 'fresh'],
  [4_999, 'fresh'],
  [5_000, 'aging'],
  [30_000, 'aging'],
  [30_001, 'old'],
] as const) {
  test(`a value ${age} ms old is ${expected}`, () => assert.equal(freshness(age), expected));
}

test('a session that left while the list was under way does not come back with the list', () => {
  const parked = sessionView(1);
  let sessions = upsertSession({ at: null, byId: {} }, { ...parked, status: 'closed' }, 200);
  sessions = replaceSessions(sessions, [parked, sessionView(2)], 100);
  assert.deepEqual(
    openSessions(sessions).map(({ id }) => id),
    [sessionView(2).id],
  );
});

test('a session that the list no longer holds is gone', () => {
  const sessions = replaceSessions(upsertSession({ at: null, byId: {} }, sessionView(1), 50), [], 100);
  assert.deepEqual(openSessions(sessions), []);
});

test('open sessions are shown latest entry first, closed and voided ones not at all', () => {
  const list = [sessionView(1), sessionView(3), sessionView(2, { status: 'voided' })];
  const sessions = replaceSessions({ at: null, byId: {} }, list, 0);
  assert.deepEqual(
    openSessions(sessions).map(({ card_id }) => card_id),
    ['CARD_003', 'CARD_001'],
  );
});

test('events are ordered by the hub, kept once each, and bounded', () => {
  const many = Array.from({ length: FEED_KEPT + 20 }, (_, index) => eventView(index + 1));
  const feed = addEvents(addEvents([], many), [eventView(FEED_KEPT + 20), eventView(FEED_KEPT + 21)]);
  assert.equal(feed.length, FEED_KEPT);
  assert.equal(feed[0]?.cursor, FEED_KEPT + 21);
  assert.equal(feed[1]?.cursor, FEED_KEPT + 20);
  assert.equal(new Set(feed.map(({ id }) => id)).size, FEED_KEPT);
});
