import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionView } from '../../live/testing.js';
import { entryPhoto, search, stayed } from './model.js';

const cars = [
  sessionView(1, { license_plate: 'B1234XYZ' }),
  sessionView(2, { license_plate: 'D80IQO' }),
  sessionView(3, { license_plate: null, card_id: 'MEMBER_77' }),
];
const found = (text: string) => search(cars, text).map(({ id }) => id.split(':').at(-1));

for (const [text, expected] of [
  ['', ['1', '2', '3']],
  ['b 1234', ['1']],
  ['d 8o1 00', ['2']],
  ['member', ['3']],
  ['card_00', ['1', '2']],
  ['zzz999', []],
] as const) {
  test(`searching “${text}” finds ${expected.length}`, () => assert.deepEqual(found(text), expected));
}

test('a stay is counted by the hub clock and ends with the exit', () => {
  assert.equal(stayed(sessionView(1, { entry_time: 1_000 }), 61_000), 60_000);
  assert.equal(stayed(sessionView(1, { entry_time: 1_000, exit_time: 5_000 }), 61_000), 4_000);
  assert.equal(stayed(sessionView(1, { entry_time: null }), 61_000), null);
});

test('the entry photo is the one taken at the entry', () => {
  const photos = [
    { digest: 'aa', purpose: 'exit' },
    { digest: 'bb', purpose: 'entry' },
  ];
  assert.equal(entryPhoto(sessionView(1, { photos })), 'bb');
  assert.equal(entryPhoto(sessionView(1)), null);
});
