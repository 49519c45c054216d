import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../fakes/virtualClock.js';
import { type Card, Reader, wiegandFrame } from './reader.js';

const asText = (bits: readonly boolean[]) => bits.map(Number).join('');

for (const { card, bits } of [
  { card: { bits: 26, value: 0 }, bits: `0${'0'.repeat(24)}1` },
  { card: { bits: 26, value: 0xff_ffff }, bits: `0${'1'.repeat(24)}1` },
  { card: { bits: 26, value: 0x80_0001 }, bits: `1${'1'}${'0'.repeat(22)}${'1'}0` },
  { card: { bits: 34, value: 0x8000_0000 }, bits: `1${'1'}${'0'.repeat(31)}1` },
  { card: { bits: 34, value: 0x0000_ffff }, bits: `0${'0'.repeat(16)}${'1'.repeat(16)}1` },
] satisfies { card: Card; bits: string }[]) {
  test(`Wiegand-${card.bits} of ${card.value.toString(16)} is ${bits}`, () => {
    assert.equal(asText(wiegandFrame(card)), bits);
  });
}

test('wrong parity spoils exactly one bit', () => {
  const card: Card = { bits: 26, value: 0x12_3456 };
  const [right, wrong] = [wiegandFrame(card), wiegandFrame(card, 'wrong')];
  assert.equal(right.filter((bit, i) => bit !== wrong[i]).length, 1);
});

test('a frame is one 50 us pulse a millisecond, and a second card waits for silence', () => {
  const clock = new VirtualClock();
  const falls: { at: number; bit: boolean }[] = [];
  const widths: number[] = [];
  const reader = new Reader(clock, (bit, high) => {
    if (high) widths.push(clock.now - (falls.at(-1)?.at ?? 0));
    else falls.push({ at: clock.now, bit });
  });
  reader.show([true, false, true]);
  reader.show([false]);
  clock.advance(1_000);
  assert.deepEqual(
    falls.map(({ bit }) => bit),
    [true, false, true, false],
  );
  assert.deepEqual(
    falls.map(({ at }) => at),
    [0, 1, 2, 103],
  );
  for (const width of widths) assert.ok(Math.abs(width - 0.05) < 1e-9);
});

test('a dead reader shows nothing', () => {
  const clock = new VirtualClock();
  const reader = new Reader(clock, () => assert.fail('a dead reader pulsed'));
  reader.setDead(true);
  reader.show([true]);
  clock.advance(100);
});
