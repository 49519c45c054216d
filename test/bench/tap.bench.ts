import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmulatedBoard } from '@palang/emulator/board';
import { RealTimePacer } from '@palang/emulator/realtime';
import { BoardTty } from '@palang/emulator/tty';
import * as messages from '@palang/gateway/drivers/board/messages';
import { BoardClock } from '../site/boardClock.js';
import { Reader, wiegandFrame } from '../site/world/reader.js';
import { PINS } from '../site/world/wiring.js';
import { percentile, type Row, report } from './report.js';

/**
 * From the tap to the relay, in real time, through the real firmware on an emulated board, a tty, the gateway's driver, lane and journal. It begins when the first
 * byte of the card's event leaves the board (its frame is complete: a reader's own silence after the last bit is not ours) and ends at the edge of the raise relay.
 * Both are read on the board's clock, which follows the wall in slices of a millisecond: up to a slice each way is the emulator's.
 * TAPS: how many, 40 unless told. The board takes 20 a minute.
 */
const TAPS = Number(process.env.TAPS ?? 40);
const WARM_UP = 3;
const CYCLE_MS = 3_100;
const CHARACTER_MS = (10 / 57_600) * 1_000;
const START_SYSEX = 0xf0;
const END_SYSEX = 0xf7;
const CARD = 2;

const board = new EmulatedBoard({ hex: readFileSync('arduino/palang-lane.hex', 'utf8') });
const clock = new BoardClock(board, () => Date.now());
const reader = new Reader(clock, (bit, high) => board.setInput(bit ? PINS.readerOne : PINS.readerZero, high));
for (const pin of [PINS.armingLoop, PINS.closingLoop, PINS.lowerLimit, PINS.armInPlace]) board.setInput(pin, false);

/** When the card's event began to leave the board, its time; and how long its frame was, bytes. */
let left: { at: number; bytes: number } | null = null;
let frame: { at: number; bytes: number[] } = { at: 0, bytes: [] };
board.uart.onByte((byte, at) => {
  if (byte === START_SYSEX) frame = { at: at - CHARACTER_MS, bytes: [] };
  frame.bytes.push(byte);
  if (byte !== END_SYSEX) return;
  const message = messages.read(frame.bytes[1] ?? 0, frame.bytes.slice(2, -1));
  if (message?.type === 'event' && message.event.type === CARD) left ??= { at: frame.at, bytes: frame.bytes.length };
});

const folder = mkdtempSync(join(tmpdir(), 'palang-tap-'));
const tty = new BoardTty(board, join(folder, 'gate'));
const pacer = new RealTimePacer();
pacer.add(board);
pacer.poll(tty);
tty.plug();
pacer.start();

const gateway = fork(new URL('./tapGateway.js', import.meta.url), [join(folder, 'gate'), folder]);
let state = '';
let wake: () => void = () => undefined;
gateway.on('message', (message: { state: string }) => {
  state = message.state;
  wake();
});

async function laneIs(...wanted: string[]): Promise<void> {
  while (!wanted.includes(state)) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

/** The arm and a car, as wires: up when told, through, down when told. */
function until(ms: number): Promise<void> {
  return new Promise((resolve) => board.schedule(board.nowMs + ms, resolve));
}

function rising(pin: number): Promise<number> {
  return new Promise((resolve) => {
    const forget = board.onOutput(pin as 4 | 5, (level, at) => {
      if (!level) return;
      forget();
      resolve(at);
    });
  });
}

async function tap(number: number): Promise<{ ms: number; bytes: number }> {
  const began = board.nowMs;
  board.setInput(PINS.armingLoop, true);
  await laneIs('vehiclePresent');
  await until(100);
  left = null;
  const relay = rising(PINS.raiseRelay);
  reader.show(wiegandFrame({ bits: 26, value: 1_000 + number }));
  const edge = await relay;
  const found = left as { at: number; bytes: number } | null;
  if (found === null) throw new Error('the relay moved without a card');

  await until(50);
  board.setInput(PINS.lowerLimit, true);
  await until(100);
  board.setInput(PINS.upperLimit, false);
  await laneIs('open');
  const lower = rising(PINS.lowerRelay);
  board.setInput(PINS.closingLoop, true);
  board.setInput(PINS.armingLoop, false);
  await until(200);
  board.setInput(PINS.closingLoop, false);
  await lower;
  board.setInput(PINS.upperLimit, true);
  await until(100);
  board.setInput(PINS.lowerLimit, false);
  await laneIs('closed');
  await until(Math.max(0, CYCLE_MS - (board.nowMs - began)));
  return { ms: edge - found.at, bytes: found.bytes };
}

/** One record's worth of bytes made durable on the same disk, ms. */
function fsync(descriptor: number): number {
  const began = performance.now();
  writeSync(descriptor, Buffer.alloc(4_096, 1));
  fsyncSync(descriptor);
  return performance.now() - began;
}

try {
  board.setInput(PINS.upperLimit, true);
  await laneIs('closed');
  await until(3_000);
  for (let round = 0; round < WARM_UP; round++) await tap(round);
  const taps: number[] = [];
  const syncs: number[] = [];
  let eventBytes = 0;
  const descriptor = openSync(join(folder, 'fsync'), 'w');
  for (let round = 0; round < TAPS; round++) {
    const { ms, bytes } = await tap(WARM_UP + round);
    taps.push(ms);
    eventBytes = bytes;
    syncs.push(fsync(descriptor));
  }
  closeSync(descriptor);
  const raise = { boot: 1, sequence: 1, operation: 'raise', stamp: 1, ttl: 1, hold_open: 0 } as const;
  // The command's own brackets are not in it.
  const wire = (eventBytes + messages.command(raise).length + 2) * CHARACTER_MS;
  const row = (p: number, aim: number): Row => {
    const reference = wire + percentile(syncs, p);
    const value = percentile(taps, p);
    const what = `tap to relay edge, p${100 * p} of ${TAPS}`;
    const against = `bare wire ${wire.toFixed(1)} ms + one fsync`;
    return { what, unit: 'ms', value, reference, against, ratio: value / reference, aim: `reference + ${aim} ms` };
  };
  report('tap', [row(0.5, 3), row(0.99, 12)]);
} finally {
  const gone = once(gateway, 'exit');
  gateway.disconnect();
  await gone;
  tty.unplug();
  pacer.stop();
  rmSync(folder, { recursive: true });
}
