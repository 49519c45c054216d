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
 * Beside it stands a bare host on the same line, which has the emulator's part in it too. TAPS: how many of each, 40 unless told. The board takes 20 a minute.
 */
const TAPS = Number(process.env.TAPS ?? 40);
const WARM_UP = 3;
const CYCLE_MS = 3_100;
/** For a host to connect and to see the lane as it is. */
const SETTLE_MS = 4_000;
const GIVE_UP_MS = 5_000;
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
board.setInput(PINS.upperLimit, true);

/** A host on the tty, in a process of its own, for as long as `work` lasts. */
async function withHost<T>(script: string, work: () => Promise<T>): Promise<T> {
  const host = fork(new URL(script, import.meta.url), [join(folder, 'gate'), folder]);
  const gone = once(host, 'exit');
  try {
    await until(SETTLE_MS);
    return await work();
  } finally {
    host.disconnect();
    await gone;
  }
}

/** The arm and a car, as wires: up when told, through, down when told. */
function until(ms: number): Promise<void> {
  return new Promise((resolve) => board.schedule(board.nowMs + ms, resolve));
}

/** Board time of the next rising edge. */
function rising(pin: typeof PINS.raiseRelay | typeof PINS.lowerRelay): Promise<number> {
  return new Promise((resolve, reject) => {
    const giveUp = board.schedule(board.nowMs + GIVE_UP_MS, () => reject(new Error(`no pulse on D${pin}`)));
    const forget = board.onOutput(pin, (level, at) => {
      if (!level) return;
      forget();
      giveUp();
      resolve(at);
    });
  });
}

async function tap(number: number): Promise<{ ms: number; bytes: number }> {
  const began = board.nowMs;
  board.setInput(PINS.armingLoop, true);
  await until(400);
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
  await until(200);
  const lower = rising(PINS.lowerRelay);
  board.setInput(PINS.closingLoop, true);
  board.setInput(PINS.armingLoop, false);
  await until(200);
  board.setInput(PINS.closingLoop, false);
  await lower;
  board.setInput(PINS.upperLimit, true);
  await until(100);
  board.setInput(PINS.lowerLimit, false);
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

interface Run {
  readonly taps: number[];
  readonly syncs: number[];
  readonly eventBytes: number;
}

async function run(): Promise<Run> {
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
  return { taps, syncs, eventBytes };
}

try {
  const { taps, syncs, eventBytes } = await withHost('./tapGateway.js', run);
  const bare = await withHost('./bareHost.js', run);
  const raise = { boot: 1, sequence: 1, operation: 'raise', stamp: 1, ttl: 1, hold_open: 0 } as const;
  // The command's own brackets are not in it.
  const wire = (eventBytes + messages.command(raise).length + 2) * CHARACTER_MS;
  const row = (p: number, reference: number, against: string, aim: string | null): Row => {
    const value = percentile(taps, p);
    return {
      what: `tap to relay edge, p${100 * p} of ${TAPS}`,
      unit: 'ms',
      value,
      reference,
      against,
      ratio: value / reference,
      aim,
    };
  };
  const onWire = `bare wire ${wire.toFixed(1)} ms + one fsync`;
  const bareHost = 'bare host, same line: read, fsync, send';
  report('tap', [
    row(0.5, wire + percentile(syncs, 0.5), onWire, 'reference + 3 ms'),
    row(0.99, wire + percentile(syncs, 0.99), onWire, 'reference + 12 ms'),
    row(0.5, percentile(bare.taps, 0.5), bareHost, null),
    row(0.99, percentile(bare.taps, 0.99), bareHost, null),
  ]);
} finally {
  tty.unplug();
  pacer.stop();
  rmSync(folder, { recursive: true });
}
