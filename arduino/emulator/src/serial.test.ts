import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EmulatedBoard } from './board.js';
import { BoardSerial } from './duplex.js';
import { RealTimePacer } from './realtime.js';
import { Firmata, five, SerialPort } from './serialStack.fixture.js';
import { BoardTcp } from './tcp.js';
import { BoardTty } from './tty.js';

const HEX = readFileSync(new URL('../../palang-lane.hex', import.meta.url), 'utf8');
const LAMP = 13;
const RAISE_RELAY = 4;
const VERSION_REPORT = Buffer.from([0xf9, 2, 5]);

function running(t: TestContext): { board: EmulatedBoard; pacer: RealTimePacer } {
  const board = new EmulatedBoard({ hex: HEX });
  const pacer = new RealTimePacer();
  pacer.add(board);
  pacer.start();
  t.after(() => pacer.stop());
  return { board, pacer };
}

function onTty(t: TestContext): { board: EmulatedBoard; tty: BoardTty; path: string } {
  const { board, pacer } = running(t);
  const folder = mkdtempSync(join(tmpdir(), 'palang-tty-'));
  const path = join(folder, 'gate');
  const tty = new BoardTty(board, path);
  pacer.poll(tty);
  tty.plug();
  t.after(() => {
    tty.unplug();
    rmSync(folder, { recursive: true });
  });
  return { board, tty, path };
}

function open(t: TestContext, path: string) {
  const port = new SerialPort({ path, baudRate: 57_600, hupcl: false });
  t.after(() => {
    if (port.isOpen) port.close();
  });
  return port;
}

/** Resolves when `wanted` has come in. Goes on reading afterwards: SerialPort notices a disconnect only while it reads. */
function bytesUntil(stream: NodeJS.ReadableStream, wanted: Buffer): Promise<void> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.includes(wanted)) resolve();
    });
  });
}

test('opening the tty resets the board, which then reports its protocol version', async (t) => {
  const { board, path } = onTty(t);
  const bootsBefore = board.boots;
  await bytesUntil(open(t, path), VERSION_REPORT);
  assert.equal(board.boots, bootsBefore + 1);
});

test('closing and opening again resets it again', async (t) => {
  const { board, tty, path } = onTty(t);
  const first = open(t, path);
  await bytesUntil(first, VERSION_REPORT);
  first.close();
  await once(first, 'close');
  while (tty.opened) await new Promise((resolve) => setImmediate(resolve));
  const bootsBefore = board.boots;
  await bytesUntil(open(t, path), VERSION_REPORT);
  assert.equal(board.boots, bootsBefore + 1);
});

test('pulling the cable disconnects the host and removes the device; plugging in makes it new', async (t) => {
  const { tty, path } = onTty(t);
  const port = open(t, path);
  await bytesUntil(port, VERSION_REPORT);
  const closed = once(port, 'close') as Promise<[{ disconnected?: boolean }?]>;
  tty.unplug();
  const [reason] = await closed;
  assert.equal(reason?.disconnected, true);
  assert.equal(existsSync(path), false);
  tty.plug();
  await bytesUntil(open(t, path), VERSION_REPORT);
});

test('firmata-io finds the lane controller and no mode on the safety pins', async (t) => {
  const { path } = onTty(t);
  const io = new Firmata(open(t, path), { reportVersionTimeout: 300 });
  await once(io, 'ready');
  assert.equal(io.firmware.name, 'PalangLane');
  for (const pin of [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12])
    assert.deepEqual(io.pins[pin]?.supportedModes, [], `D${pin}`);
  assert.ok(io.pins[LAMP]?.supportedModes.includes(io.MODES.OUTPUT));
});

test('an unmodified johnny-five blinks the lamp', async (t) => {
  const { board, path } = onTty(t);
  const io = new Firmata(open(t, path), { reportVersionTimeout: 300 });
  const controller = new five.Board({ io, repl: false, sigint: false, debug: false });
  await once(controller, 'ready');
  const led = new five.Led({ pin: LAMP, board: controller });
  t.after(() => led.stop());
  const edges: number[] = [];
  const fiveEdges = new Promise<void>((resolve) => {
    board.onOutput(LAMP, (_level, timeMs) => {
      if (edges.push(timeMs) === 5) resolve();
    });
  });
  led.blink(50);
  await fiveEdges;
  for (let i = 2; i < edges.length; i++) {
    const gap = (edges[i] ?? 0) - (edges[i - 1] ?? 0);
    assert.ok(gap > 10, `lamp edges ${gap} ms apart`);
  }
});

test('the same handshake runs over TCP and over a stream in this process', async (t) => {
  const { board } = running(t);
  const tcp = new BoardTcp(board);
  const port = await tcp.listen(0);
  const socket = connect(port, '127.0.0.1');
  await bytesUntil(socket, VERSION_REPORT);
  const second = connect(port, '127.0.0.1');
  await once(second, 'close');
  socket.destroy();
  await tcp.close();

  const io = new Firmata(new BoardSerial(board), { reportVersionTimeout: 300 });
  await once(io, 'ready');
  assert.equal(io.firmware.name, 'PalangLane');
});

test('a stream whose cable is pulled closes as disconnected, and what was under way is lost', async (t) => {
  const { board } = running(t);
  const first = new BoardSerial(board);
  await bytesUntil(first, VERSION_REPORT);
  const closed = once(first, 'close') as Promise<[{ disconnected?: boolean } | null]>;
  first.write(Buffer.alloc(100, 0xf9));
  first.unplug();
  const [reason] = await closed;
  assert.equal(reason?.disconnected, true);
  assert.equal(first.isOpen, false);

  const second = new BoardSerial(board);
  await bytesUntil(second, VERSION_REPORT);
  let closedBy: unknown;
  second.on('close', (error: unknown) => {
    closedBy = error;
  });
  await new Promise((resolve) => second.close(resolve));
  assert.equal(closedBy, null);
});

test('the bytes of every value cross the tty unchanged and a flood of them moves no relay', async (t) => {
  const { board, path } = onTty(t);
  const port = open(t, path);
  await bytesUntil(port, VERSION_REPORT);
  let pulses = 0;
  board.onOutput(RAISE_RELAY, () => {
    pulses += 1;
  });
  const everything = Buffer.from(Array.from({ length: 1024 }, (_, i) => (i * 31) & 0xff));
  port.write(everything);
  await new Promise((resolve) => port.drain(resolve));
  port.write(Buffer.from([0xf7, 0xf0, 0x79, 0xf7]));
  await bytesUntil(port, Buffer.from([0xf0, 0x79]));
  assert.equal(pulses, 0);
});
