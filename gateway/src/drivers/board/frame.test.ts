import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc16, pack7, seal, unpack7, unseal } from './frame.js';
import * as messages from './messages.js';

const hex = (bytes: Iterable<number>) => Buffer.from([...bytes]).toString('hex');

test('the CRC of 123456789 is 29B1', () => {
  assert.equal(crc16(Buffer.from('123456789')), 0x29b1);
});

test('what is packed comes back, at every length', () => {
  for (let length = 0; length <= 64; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 0xff);
    const packed = pack7(bytes);
    assert.equal(packed.length, Math.ceil((8 * length) / 7));
    assert.ok(packed.every((group) => group < 0x80));
    assert.deepEqual(unpack7(packed), bytes);
  }
});

// The same bytes are checked in the firmware's own tests (arduino/tests/frames_test.cpp).
const GOLDEN: readonly [name: string, message: number[], bytes: string][] = [
  ['PING', messages.ping(0x1234), '013424007008'],
  [
    'COMMAND',
    messages.command({ boot: 7, sequence: 1, operation: 'raise', stamp: 10_000, ttl: 2_000, hold_open: 1_000 }),
    '020700000010004000104e0000007a013200021707',
  ],
  ['EVENT_ACK', messages.eventAck(7, 258), '03070000002020404b4e00'],
  [
    'SETTINGS',
    messages.settings({
      closing_delay: 500,
      max_open: 120_000,
      motion_timeout: 8_000,
      unused_open: 20_000,
      self_close: true,
    }),
    '0432000077026400680702305d06',
  ],
];

for (const [name, message, bytes] of GOLDEN) {
  test(`a golden ${name} is made byte for byte`, () => {
    assert.equal(hex(message), bytes);
  });
}

test('a golden COMMAND_ACK is read', () => {
  const packed = [0x07, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x10, 0x59, 0x03];
  assert.deepEqual(messages.read(messages.COMMAND_ACK, packed), {
    type: 'ack',
    ack: { boot: 7, sequence: 1, result: 0, duplicate: false },
  });
});

test('a message with any one bit turned over is refused', () => {
  const [command = 0, ...packed] = messages.eventAck(189_136_463, 4_711);
  for (let at = 0; at < packed.length; at++) {
    for (let bit = 0; bit < 7; bit++) {
      const bad = packed.map((group, index) => (index === at ? group ^ (1 << bit) : group));
      assert.equal(unseal(command, bad), null, `byte ${at} bit ${bit}`);
    }
  }
  assert.equal(unseal(command ^ 1, packed), null, 'another command');
});

const BROKEN: readonly [what: string, command: number, packed: readonly number[]][] = [
  ['nothing at all', messages.STATUS, []],
  ['a sum alone', messages.STATUS, seal(messages.STATUS, new Uint8Array()).slice(1)],
  ['a STATUS that is too short', messages.STATUS, seal(messages.STATUS, new Uint8Array(32)).slice(1)],
  ['a STATUS that is too long', messages.STATUS, seal(messages.STATUS, new Uint8Array(34)).slice(1)],
  ['an EVENT with nine bytes of data', messages.EVENT, seal(messages.EVENT, new Uint8Array(24)).slice(1)],
  ['an unknown command with a right sum', 0x0e, seal(0x0e, new Uint8Array(33)).slice(1)],
  ['a byte of eight bits', messages.EVENT, [0x80, ...seal(messages.EVENT, new Uint8Array(15)).slice(1)]],
];

for (const [what, command, packed] of BROKEN) {
  test(`${what} is no message`, () => assert.equal(messages.read(command, packed), null));
}

test('a time that the wire cannot carry is an error with a code', () => {
  const impossible = { closing_delay: 500, max_open: 700_000, motion_timeout: 1, unused_open: 1, self_close: true };
  assert.throws(() => messages.settings(impossible), { code: 'time_out_of_range' });
});
