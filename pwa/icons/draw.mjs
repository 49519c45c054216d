// Draws the app's icons (a raised barrier arm) into public/icons. Run with `npm run icons -w pwa` after a change.
import { mkdirSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const GROUND = [28, 38, 46];
const POST = [231, 235, 238];
const ARM = [
  [240, 160, 32],
  [231, 235, 238],
];
const SAMPLES = 4;

const folder = new URL('../public/icons/', import.meta.url);
mkdirSync(folder, { recursive: true });
icon('192.png', 192, { corner: 0.2, scale: 1 });
icon('512.png', 512, { corner: 0.2, scale: 1 });
// A maskable icon may be cut to a circle of 80 %: the mark stays inside it.
icon('maskable-512.png', 512, { corner: 0, scale: 0.78 });
icon('apple-180.png', 180, { corner: 0, scale: 0.92 });

function icon(name, size, { corner, scale }) {
  const rows = [];
  for (let y = 0; y < size; y++) {
    const row = Buffer.alloc(1 + size * 4);
    for (let x = 0; x < size; x++) row.set(pixel(x, y, size, corner, scale), 1 + x * 4);
    rows.push(row);
  }
  writeFileSync(new URL(name, folder), png(size, Buffer.concat(rows)));
}

/** One pixel as RGBA, averaged over a grid of samples. */
function pixel(x, y, size, corner, scale) {
  const total = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const u = (x + ((i % SAMPLES) + 0.5) / SAMPLES) / size;
    const v = (y + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size;
    if (!insideSquare(u, v, corner)) continue;
    const colour = mark((u - 0.5) / scale + 0.5, (v - 0.5) / scale + 0.5) ?? GROUND;
    for (let c = 0; c < 3; c++) total[c] += colour[c];
    total[3] += 1;
  }
  const covered = total[3];
  if (covered === 0) return [0, 0, 0, 0];
  return [...total.slice(0, 3).map((sum) => Math.round(sum / covered)), Math.round((255 * covered) / SAMPLES ** 2)];
}

function insideSquare(u, v, corner) {
  const [dx, dy] = [u, v].map((at) => Math.max(0, Math.abs(at - 0.5) - (0.5 - corner)));
  return Math.hypot(dx, dy) <= corner || corner === 0;
}

/** The mark in a unit square: a post on a foot, an arm raised by 38 degrees, striped. */
function mark(u, v) {
  const post = { left: 0.22, right: 0.36, top: 0.5, bottom: 0.78 };
  if (u >= 0.16 && u <= 0.84 && v >= 0.78 && v <= 0.82) return POST;
  if (u >= post.left && u <= post.right && v >= post.top && v <= post.bottom) return POST;
  const [px, py] = [0.29, 0.52];
  const angle = (-38 * Math.PI) / 180;
  const along = (u - px) * Math.cos(angle) + (v - py) * Math.sin(angle);
  const across = -(u - px) * Math.sin(angle) + (v - py) * Math.cos(angle);
  if (along >= -0.12 && along <= 0.66 && Math.abs(across) <= 0.052) {
    return ARM[Math.floor((along + 0.12 + across * 0.6) / 0.13 + 10) % 2];
  }
  return null;
}

function png(size, raw) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // 8 bits per channel, RGBA, no interlace.
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, { level: 9 })),
    chunk('IEND'),
  ]);
}

function chunk(type, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
