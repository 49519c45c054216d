import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@palang/contract/errors';
import { settle } from '../testing/manualClock.js';
import { Place } from './testing/place.js';

test('inputs that the journal refuses do not make the device deaf: they are acknowledged, and the next card opens', async (t) => {
  const place = await Place.open(t);
  const append = place.journal.append.bind(place.journal);
  place.journal.append = () => {
    throw new CodedError('journal_full', 'no room');
  };
  for (const occupied of [true, false, true, false]) place.loop('arming', occupied);
  await settle();
  assert.deepEqual(place.acknowledged, [1, 2, 3, 4]);
  assert.deepEqual(place.logged, ['input failed', 'input failed']);
  place.logged.length = 0;

  place.journal.append = append;
  place.loop('arming', true);
  place.tap('CARD_001');
  await settle();
  assert.deepEqual(place.barrier.operations, ['raise']);
});
