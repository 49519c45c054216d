import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCivilPlate, normalisePlate } from '@palang/contract/plate';
import { sessionView } from '../../live/testing.js';
import { leavingVisitor, newVisitor } from './model.js';

/** The given numbers, one after the other, for ever. */
function cycle(...numbers: number[]): () => number {
  let index = 0;
  return () => numbers[index++ % numbers.length] ?? 0;
}

test('a new visitor has a plate that could be real', () => {
  for (const unit of [cycle(0), cycle(0.999), cycle(0.1, 0.5, 0.9)]) {
    assert.equal(isCivilPlate(normalisePlate(newVisitor([], unit).license_plate) ?? ''), true);
  }
});

test('a new visitor never holds the card of somebody inside', () => {
  const inside = [sessionView(1, { card_id: 'DEMO_1000' })];
  assert.equal(newVisitor(inside, cycle(0, 0.5)).card_id, 'DEMO_5500');
});

test('only a parked vehicle can be sent out, with its own card and plate', () => {
  const inside = [sessionView(1, { status: 'leaving' }), sessionView(2), sessionView(3, { card_id: null })];
  assert.equal(leavingVisitor(inside, cycle(0.99))?.card_id, 'CARD_002');
  assert.equal(leavingVisitor([sessionView(1, { status: 'pending' })], cycle(0)), null);
});
