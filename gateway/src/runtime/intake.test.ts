import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Intake, isNewer } from './intake.js';

const ring: [sequence: number, than: number, newer: boolean][] = [
  [2, 1, true],
  [1, 1, false],
  [1, 2, false],
  [0, 0xffff, true],
  [0xffff, 0, false],
  [5, 0xfff0, true],
  [0x7fff, 0, true],
  [0x8000, 0, false],
];
for (const [sequence, than, newer] of ring) {
  test(`message ${sequence} is ${newer ? 'newer' : 'not newer'} than ${than}`, () => {
    assert.equal(isNewer(sequence, than), newer);
  });
}

const message = (sequence: number, stream = 1) => ({ id: { stream, sequence }, acknowledge: () => undefined });

test('one device message may bring several inputs, unless it is alone by nature', () => {
  const intake = new Intake(null);
  assert.deepEqual(
    [intake.accepts(message(1), false), intake.accepts(message(1), false), intake.accepts(message(1), true)],
    [true, true, false],
  );
});

test('what the stored state knows is not taken in again, whatever kind it is', () => {
  const intake = new Intake({ stream: 1, sequence: 9 });
  assert.deepEqual([intake.accepts(message(9), false), intake.accepts(message(10), false)], [false, true]);
});
