import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HexError, parseIntelHex } from './intelHex.js';

const END = ':00000001FF';

test('data records land at their address and the rest of the flash stays erased', () => {
  const words = parseIntelHex(`:020010000C94 4E\r\n${END}\n`.replace(' ', ''));
  assert.equal(words[8], 0x940c);
  assert.equal(words[0], 0xffff);
  assert.equal(words.length, 0x4000);
});

test('a segment record moves the base', () => {
  const words = parseIntelHex(`:020000020100FB\n:020000000C945E\n${END}`);
  assert.equal(words[0x1000 / 2], 0x940c);
});

for (const [name, text] of [
  ['a wrong checksum', `:020010000C944F\n${END}`],
  ['a record shorter than it says', `:030010000C944D\n${END}`],
  ['a line that is no record', `hello\n${END}`],
  ['a record beyond the flash', `:02000004000 1F9\n:020000000C945E\n${END}`.replace(' ', '')],
  ['a missing end record', ':020010000C944E'],
] as const) {
  test(`${name} is refused`, () => {
    assert.throws(() => parseIntelHex(text), HexError);
  });
}
