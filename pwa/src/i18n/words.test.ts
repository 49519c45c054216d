import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemStatus } from '@palang/contract/api/problem';
import { SessionFlag } from '@palang/contract/session/session';
import {
  ArmPosition,
  DenyReason,
  FaultCode,
  GateAction,
  LaneState,
  PaymentMethod,
  RightType,
  VehicleClass,
} from '@palang/contract/vocabulary';
import { REASONS } from '../features/gate/model.js';
import { en } from './en.js';
import { id } from './id.js';
import { makeWords } from './words.js';

const indonesian = makeWords('id', id, 'Asia/Jakarta');
const english = makeWords('en', en, 'Asia/Jakarta');

test('money is whole rupiah, grouped alike in both languages', () => {
  assert.equal(indonesian.money(1_234_567).replace('\u00a0', ' '), 'Rp 1.234.567');
  assert.equal(english.money(1_234_567).replace('\u00a0', ' '), 'Rp 1.234.567');
});

test('times are those of the site, not of the tablet', () => {
  assert.equal(indonesian.time(Date.UTC(2026, 10, 23, 3, 42)), '10.42');
  assert.equal(makeWords('en', en, 'Asia/Jayapura').time(Date.UTC(2026, 10, 23, 3, 42)), '12:42');
});

for (const [ms, expected] of [
  [0, 'baru saja'],
  [12_400, '12 dtk lalu'],
  [180_000, '3 mnt lalu'],
  [7_200_000, '2 j lalu'],
  [172_800_000, '2 hr lalu'],
] as const) {
  test(`${ms} ms reads ${expected}`, () => assert.equal(indonesian.ago(ms), expected));
}

test('a stay is told in hours and minutes', () => {
  assert.equal(indonesian.duration(7_500_000), '2 j 05 m');
  assert.equal(english.duration(59_999), '0 min');
});

test('English tells one from many and Indonesian does not', () => {
  assert.equal(english.count('lane.backlog', 1), '1 record not yet at the hub');
  assert.equal(english.count('lane.backlog', 2), '2 records not yet at the hub');
  assert.equal(indonesian.count('lane.backlog', 1), '1 catatan belum terkirim ke pusat');
});

test('both languages fill in the same names', () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([name]) => name).sort();
  for (const [key, text] of Object.entries(id)) assert.deepEqual(names(en[key as keyof typeof id]), names(text), key);
});

test('every closed list of the contract has a word in the dictionary', () => {
  const lists: [string, readonly string[]][] = [
    ['state', LaneState.options],
    ['arm', ArmPosition.options],
    ['fault', FaultCode.options],
    ['do', FaultCode.options],
    ['action', GateAction.options],
    ['stage.confirmed', GateAction.options],
    ['result', DenyReason.options],
    ['method', PaymentMethod.options],
    ['right', RightType.options],
    ['vehicle', VehicleClass.options],
    ['flag', SessionFlag.options],
    ['reason', REASONS],
  ];
  for (const [prefix, codes] of lists) {
    for (const code of codes) assert.notEqual(indonesian.word(prefix, code), null, `${prefix}.${code}`);
  }
});

test('every code of the hub that an operator can meet has words', () => {
  const elsewhere = new Set<string>(DenyReason.options);
  const never = new Set([
    'method_not_allowed',
    'body_too_large',
    'unsupported_media_type',
    'payment_method_unavailable',
  ]);
  for (const code of Object.keys(problemStatus)) {
    if (elsewhere.has(code) || never.has(code)) continue;
    assert.notEqual(indonesian.word('error', code), null, code);
  }
});

test('a lane of any other name is made readable', () => {
  assert.equal(indonesian.gate('gate_south_2'), 'Gate south 2');
});
