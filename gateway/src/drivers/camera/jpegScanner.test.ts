import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJpeg, JPEG_LIMIT, JpegScanner } from './jpegScanner.js';

const SOI = [0xff, 0xd8];
const EOI = [0xff, 0xd9];
const segment = (code: number, body: readonly number[]) => [0xff, code, 0, body.length + 2, ...body];

/** A picture with a thumbnail inside a segment, stuffed bytes, restarts and fill bytes: all that misleads a search for FFD9. */
function picture(mark: number): number[] {
  const thumbnail = [...SOI, ...segment(0xda, [1]), 5, 6, ...EOI];
  const scan = [0x11, 0xff, 0x00, 0x22, 0xff, 0xd0, mark, 0xff, 0xff, 0xd7, 0x33];
  return [...SOI, ...segment(0xe1, thumbnail), ...segment(0xda, [1, 2, 3]), ...scan, ...segment(0xda, [4]), 9, ...EOI];
}

function scan(chunks: Iterable<readonly number[]>) {
  const found: number[][] = [];
  const scanner = new JpegScanner((jpeg) => found.push([...jpeg]));
  for (const chunk of chunks) scanner.push(Uint8Array.from(chunk));
  return { found, scanner };
}

const HEADERS = [...Buffer.from('\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n')];

test('pictures between headers are found whole, split at every byte or joined', () => {
  const stream = [...HEADERS, ...picture(1), ...HEADERS, ...picture(2), ...HEADERS];
  const whole = [picture(1), picture(2)];
  assert.deepEqual(scan([stream]).found, whole);
  assert.deepEqual(scan(stream.map((byte) => [byte])).found, whole);
  assert.ok(whole.every((jpeg) => isJpeg(Uint8Array.from(jpeg))));
});

const BROKEN: readonly [what: string, bytes: number[]][] = [
  ['breaks off in its scan', picture(1).slice(0, -9)],
  ['breaks off before its scan', picture(1).slice(0, 12)],
  ['breaks off after its thumbnail', [...picture(1).slice(0, 17), 1]],
  ['is a start and nonsense', [...SOI, 1, 2, 3, 4]],
  ['has a stuffed byte between its segments', [...SOI, 0xff, 0x00, 1]],
];

for (const [what, bytes] of BROKEN) {
  test(`a picture that ${what} is dropped, and the next but one at the latest is found`, () => {
    const { found, scanner } = scan([bytes, HEADERS, picture(7), HEADERS, picture(8)]);
    assert.deepEqual(found.at(-1), picture(8));
    assert.ok(found.length <= 2, 'a part was taken for a picture');
    assert.ok(scanner.dropped > 0);
  });
}

test('a picture without end is thrown away at 4 MB, and the next one is found', () => {
  const found: number[] = [];
  const scanner = new JpegScanner((jpeg) => found.push(jpeg.length));
  scanner.push(Uint8Array.from(picture(1).slice(0, -2)));
  const chunk = new Uint8Array(1 << 20);
  for (let sent = 0; sent <= JPEG_LIMIT; sent += chunk.length) scanner.push(chunk);
  scanner.push(Uint8Array.from(picture(2)));
  assert.deepEqual(found, [picture(2).length]);
});

test('what is no whole JPEG is none', () => {
  for (const bytes of [[], SOI, EOI, [...SOI, ...EOI.toReversed()], picture(1).slice(1), picture(1).slice(0, -1)]) {
    assert.equal(isJpeg(Uint8Array.from(bytes)), false);
  }
  assert.equal(isJpeg(new Uint8Array(JPEG_LIMIT + 1)), false);
});
