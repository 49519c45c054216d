import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wiegand } from '../credential.js';
import { SessionId } from '../ids.js';
import type { Card, OpenSession, Settings } from '../link/replica.js';
import { rupiah } from '../money.js';
import { stamp } from '../testing/builders.js';
import { type AccessInput, decideEntry, decideExit } from './decide.js';

const credential = wiegand(26, 1_234_567);
const settings: Settings = {
  site_name: 'Test',
  time_zone: 'Asia/Jakarta',
  capacity: 10,
  when_full: 'deny',
  admit_unknown: false,
};
const card = (overrides: Partial<Card> = {}): Card => ({
  label: 'CARD_001',
  credential,
  right: 'casual',
  vehicle_class: 'car',
  plate: null,
  status: 'active',
  valid_from: null,
  valid_until: null,
  ...overrides,
});
const session = (overrides: Partial<OpenSession> = {}): OpenSession => ({
  id: SessionId.parse('gw-in:0123456789abcdef:1'),
  credential,
  card: 'CARD_001',
  plate: null,
  vehicle_class: 'car',
  right: 'casual',
  entered: stamp(),
  entry_lane: 'gate_in',
  paid: rupiah(0),
  revision: 0,
  provisional: false,
  ...overrides,
});
const input = (overrides: Partial<AccessInput> = {}): AccessInput => ({
  credential,
  card: card(),
  openSession: undefined,
  settings,
  occupied: 0,
  laneClasses: ['car'],
  now: 1_000,
  ...overrides,
});

const entryTable: [title: string, overrides: Partial<AccessInput>, expected: string][] = [
  ['a registered card', {}, 'casual'],
  ['an unknown card at a real lane', { card: undefined }, 'unknown_credential'],
  [
    'an unknown card where the site admits any',
    { card: undefined, settings: { ...settings, admit_unknown: true } },
    'casual',
  ],
  ['a blocked card', { card: card({ status: 'blocked' }) }, 'card_blocked'],
  ['a card that is not valid yet', { card: card({ valid_from: 1_001 }) }, 'card_not_yet_valid'],
  ['a member', { card: card({ right: 'member', valid_until: 1_000 }) }, 'member'],
  [
    'a member whose right has lapsed enters as a casual',
    { card: card({ right: 'member', valid_until: 999 }) },
    'casual',
  ],
  ['a card whose vehicle is inside', { openSession: session() }, 'already_inside'],
  ['a class that the lane does not serve', { card: card({ vehicle_class: 'truck' }) }, 'class_not_allowed'],
  ['a casual at a full site', { occupied: 10 }, 'site_full'],
  ['a member at a full site', { occupied: 10, card: card({ right: 'member' }) }, 'member over capacity'],
  [
    'a casual where a full site still admits',
    { occupied: 12, settings: { ...settings, when_full: 'allow' } },
    'casual over capacity',
  ],
];

for (const [title, overrides, expected] of entryTable) {
  test(`at an entry, ${title}: ${expected}`, () => {
    const decision = decideEntry(input(overrides));
    const told = decision.approved
      ? `${decision.right}${decision.overCapacity ? ' over capacity' : ''}`
      : decision.reason;
    assert.equal(told, expected);
  });
}

const exitTable: [title: string, overrides: Partial<AccessInput>, expected: string][] = [
  ['a casual pays', { openSession: session() }, 'pays'],
  [
    'a valid member is covered',
    { openSession: session({ right: 'member' }), card: card({ right: 'member' }) },
    'covered',
  ],
  [
    'a member whose right lapsed inside pays as a casual',
    { openSession: session({ right: 'member' }), card: card({ right: 'member', valid_until: 1 }) },
    'pays',
  ],
  ['a free right stays free without its card', { openSession: session({ right: 'free' }), card: undefined }, 'covered'],
  [
    'a blocked card leaves and raises an alert',
    { openSession: session(), card: card({ status: 'blocked' }) },
    'pays card_blocked',
  ],
  ['a card without a session', {}, 'no_open_session'],
];

for (const [title, overrides, expected] of exitTable) {
  test(`at an exit, ${title}: ${expected}`, () => {
    const decision = decideExit(input(overrides));
    const told = decision.approved
      ? [decision.covered ? 'covered' : 'pays', decision.alert].filter((word) => word !== null).join(' ')
      : decision.reason;
    assert.equal(told, expected);
  });
}
