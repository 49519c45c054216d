import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeLine } from '../../testing/fakeLine.js';
import { FilteredTransport } from './filter.js';
import { connectFirmata, forgetFirmata } from './firmata.js';
import { seal } from './frame.js';
import { type BoardMessage, COMMAND_ACK, EVENT, read, STATUS } from './messages.js';

const VERSION = [0xf9, 2, 5];
const FIRMWARE = [0xf0, 0x79, 1, 0, ...[...'PalangLane'].flatMap((letter) => [letter.charCodeAt(0), 0]), 0xf7];
const framed = (command: number, payload: Uint8Array) => [0xf0, ...seal(command, payload), 0xf7];
const STATUS_FRAME = framed(STATUS, new Uint8Array(33));
const EVENT_FRAME = framed(EVENT, Uint8Array.of(9, 0, 0, 0, 1, 0, 9, 0, 0, 0, 5, 0, 0, 0, 4));

function listening() {
  const line = new FakeLine();
  const filter = new FilteredTransport(line);
  const heard: (BoardMessage['type'] | 'damaged')[] = [];
  const io = connectFirmata(filter, (command, packed) => heard.push(read(command, packed)?.type ?? 'damaged'));
  line.open();
  line.say([...VERSION, ...FIRMWARE]);
  return { line, filter, heard, io };
}

test('frames split at every byte are understood', () => {
  const { line, heard, io } = listening();
  for (const byte of [...STATUS_FRAME, ...EVENT_FRAME]) line.say([byte]);
  assert.deepEqual(heard, ['status', 'event']);
  forgetFirmata(io);
});

const CASES: readonly [what: string, bytes: readonly number[], heard: string[]][] = [
  ['two frames joined', [...STATUS_FRAME, ...EVENT_FRAME], ['status', 'event']],
  ['a frame that lost its end, before a good one', [...STATUS_FRAME.slice(0, -1), ...EVENT_FRAME], ['event']],
  ['a frame that lost its start, before a good one', [...STATUS_FRAME.slice(1), ...EVENT_FRAME], ['event']],
  ['a lone end before a good frame', [0xf7, ...EVENT_FRAME], ['event']],
  ['a frame cut off by a version report', [...STATUS_FRAME.slice(0, 9), ...VERSION, ...EVENT_FRAME], ['event']],
  ['a frame with a wrong sum', framed(STATUS, new Uint8Array(33)).with(5, 1), ['damaged']],
  [
    'a sysex without end, of 100,000 bytes',
    [0xf0, 1, ...new Array<number>(100_000).fill(3), ...EVENT_FRAME],
    ['event'],
  ],
  ['a report cut off by a good frame', [0xf9, ...EVENT_FRAME], ['event']],
  ['an empty firmware report', [0xf0, 0x79, 0xf7, ...EVENT_FRAME], ['event']],
  ['an analog mapping before the capabilities', [0xf0, 0x6a, ...new Array<number>(20).fill(1), 0xf7], []],
  ['a pin state of a pin that is not there', [0xf0, 0x6e, 99, 1, 0xf7, ...EVENT_FRAME], ['event']],
  ['a report of a port', [0x91, 0x7f, 1, ...EVENT_FRAME], ['event']],
];

for (const [what, bytes, expected] of CASES) {
  test(`${what}: heard is ${expected.join(', ') || 'nothing'}`, () => {
    const { line, heard, io } = listening();
    line.say(bytes);
    assert.deepEqual(heard, expected);
    forgetFirmata(io);
  });
}

test('nothing is written to a line that is not open', () => {
  const line = new FakeLine();
  const filter = new FilteredTransport(line);
  let refusal: unknown;
  filter.write(Buffer.of(1), (error) => {
    refusal = error;
  });
  assert.equal((refusal as { code?: string }).code, 'line_closed');
  assert.deepEqual(line.written, []);
  assert.equal(filter.refusedWrites, 1);
});

test('200,000 frames of noise throw nothing, stay in bounded memory, and a good frame is still heard after them', () => {
  const { line, heard, filter, io } = listening();
  let seed = 20_261_123;
  const draw = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const kinds = [STATUS, COMMAND_ACK, EVENT, 0x79, 0x6c, 0x6a, 0x6e, 0x71, 0x77, 0x73];
  const buffer = () => (io as unknown as { buffer: unknown[] }).buffer.length;
  let most = 0;
  for (let frame = 0; frame < 200_000; frame++) {
    const body = Array.from({ length: draw(24) }, () => draw(draw(8) === 0 ? 256 : 128));
    const start = draw(10) === 0 ? draw(256) : 0xf0;
    const end = draw(10) === 0 ? [] : [0xf7];
    line.say([start, kinds[draw(kinds.length)] ?? 0, ...body, ...end]);
    most = Math.max(most, buffer());
  }
  heard.length = 0;
  line.say([0xf7, ...EVENT_FRAME]);
  assert.deepEqual(heard, ['event']);
  assert.ok(most <= 128, `firmata-io kept ${most} bytes`);
  assert.ok(filter.discarded > 100_000);
  forgetFirmata(io);
});
