import assert from 'node:assert/strict';
import { test } from 'node:test';
import jpeg from 'jpeg-js';
import { glyph } from './glyphs.js';
import { renderJpeg } from './render.js';
import { drawScene, HEIGHT, type Scene, WIDTH } from './scene.js';

function scene(overrides: Partial<Scene> = {}): Scene {
  return {
    lane: 'gate_in',
    time: '2026-11-23 00:00:00 UTC',
    arm: { angle: 0, broken: false },
    loops: { arming: true, closing: false },
    lamp: false,
    vehicles: [vehicle('B 1234 XYZ')],
    ...overrides,
  };
}

function vehicle(plate: string, type: Scene['vehicles'][number]['type'] = 'car') {
  return { type, plate, front: 1.8, length: 4.4 };
}

/** Pixels that differ between two pictures, in all and below the road's edge, where plates are shown. */
function differences(a: Uint8Array, b: Uint8Array): { all: number; plateRegion: number } {
  let [all, plateRegion] = [0, 0];
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
    const channels = [0, 1, 2].map((channel) =>
      Math.abs((a[pixel * 4 + channel] ?? 0) - (b[pixel * 4 + channel] ?? 0)),
    );
    if (Math.max(...channels) < 64) continue;
    all += 1;
    if (pixel / WIDTH > 400) plateRegion += 1;
  }
  return { all, plateRegion };
}

test('the JPEG decodes to 640 x 480 and two plates differ there and only there', () => {
  const one = jpeg.decode(renderJpeg(scene()));
  const other = jpeg.decode(renderJpeg(scene({ vehicles: [vehicle('D 77 QQ')] })));
  assert.deepEqual([one.width, one.height], [640, 480]);
  const { all, plateRegion } = differences(one.data, other.data);
  assert.ok(plateRegion > 500, `${plateRegion} pixels`);
  assert.equal(all, plateRegion);
});

test('a plate is shown in its usual groups however it was written', () => {
  const [spaced, joined] = ['B 1234 XYZ', 'b1234xyz'].map(
    (plate) => drawScene(scene({ vehicles: [vehicle(plate)] })).data,
  );
  assert.deepEqual(spaced, joined);
});

for (const [what, change] of [
  ['the arm goes up', { arm: { angle: 45, broken: false } }],
  ['the arm is broken', { arm: { angle: 0, broken: true } }],
  ['a loop lights up', { loops: { arming: true, closing: true } }],
  ['the lamp is lit', { lamp: true }],
  ['the vehicle is of another class', { vehicles: [vehicle('B 1234 XYZ', 'truck')] }],
  ['time goes on', { time: '2026-11-23 00:00:01 UTC' }],
] satisfies [string, Partial<Scene>][]) {
  test(`the picture changes when ${what}`, () => {
    assert.ok(differences(drawScene(scene()).data, drawScene(scene(change)).data).all > 10);
  });
}

test('every letter and digit has its own well-formed glyph', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
  for (const letter of letters) {
    const rows = glyph(letter);
    assert.equal(rows.length, 7, letter);
    for (const row of rows) assert.match(row, /^[.#]{5}$/, letter);
  }
  assert.equal(new Set(letters.map((letter) => glyph(letter).join(' '))).size, letters.length);
  assert.deepEqual(glyph('a'), glyph('A'));
});
