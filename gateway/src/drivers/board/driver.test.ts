import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeLine } from '../../testing/fakeLine.js';
import { ManualClock, settle } from '../../testing/manualClock.js';
import { type Heard, listen } from './contract.js';
import { createBoardDriver } from './driver.js';
import { seal } from './frame.js';
import { EVENT, STATUS } from './messages.js';

const VERSION = [0xf9, 2, 5];
const STREAM = 9;

function firmware(name: string): number[] {
  return [0xf0, 0x79, 1, 0, ...[...name].flatMap((letter) => [letter.charCodeAt(0), 0]), 0xf7];
}

function message(command: number, length: number, fill: (view: DataView) => void): number[] {
  const payload = new Uint8Array(length);
  fill(new DataView(payload.buffer));
  return [0xf0, ...seal(command, payload), 0xf7];
}

interface Told {
  readonly boot?: number;
  readonly faults?: number;
  readonly openings?: number;
  readonly next?: number;
  readonly lost?: number;
  readonly version?: number;
}

function status({ boot = STREAM, faults = 0, openings = 3, next = 1, lost = 0, version = 1 }: Told = {}): number[] {
  return message(STATUS, 33, (view) => {
    view.setUint32(2, boot, true);
    view.setUint32(6, 1_000, true);
    view.setUint8(11, 0b100100);
    view.setUint16(13, faults, true);
    view.setUint32(17, openings, true);
    view.setUint32(21, STREAM, true);
    view.setUint16(25, next, true);
    view.setUint8(28, lost);
    view.setUint8(32, version);
  });
}

function event(sequence: number, type: number, data: readonly number[], time = 2_000): number[] {
  return message(EVENT, 15 + data.length, (view) => {
    view.setUint32(0, STREAM, true);
    view.setUint16(4, sequence, true);
    view.setUint32(6, STREAM, true);
    view.setUint32(10, time, true);
    view.setUint8(14, type);
    for (const [index, byte] of data.entries()) view.setUint8(15 + index, byte);
  });
}

/** A driver on scripted lines; each opening of the port takes a new one. */
function bench(t: TestContext) {
  const clock = new ManualClock();
  const lines: FakeLine[] = [];
  const driver = createBoardDriver({
    clock,
    path: 'scripted',
    openTransport: () => {
      const line = new FakeLine();
      lines.push(line);
      return line;
    },
  });
  const heard = listen(driver);
  t.after(async () => {
    for (const line of lines) if (!line.isOpen) line.emit('error', new Error('the test is over'));
    await driver.barrier.stop();
    assert.equal(clock.timers, 0, 'a timer was left behind');
  });
  const line = async () => {
    await clock.advance(0);
    await settle();
    const last = lines.at(-1);
    assert.ok(last);
    return last;
  };
  return { clock, driver, heard, lines, line };
}

async function online(bench_: ReturnType<typeof bench>, told: Told = {}): Promise<FakeLine> {
  const line = await bench_.line();
  line.open();
  line.say([...VERSION, ...firmware('PalangLane'), ...status(told)]);
  return line;
}

const sentences = (heard: readonly Heard[], ...kinds: Heard['what'][]) =>
  heard.filter(({ what }) => kinds.includes(what)).map(({ value }) => value);

for (const [what, name, version] of [
  ['another program', 'StandardFirmata', 1],
  ['another protocol', 'PalangLane', 2],
] as const) {
  test(`a board that runs ${what} is a fault, is never online, and is well once it is flashed`, async (t) => {
    const at = bench(t);
    const wrong = await at.line();
    wrong.open();
    wrong.say([...VERSION, ...firmware(name), ...status({ version })]);
    assert.deepEqual(sentences(at.heard, 'online', 'fault'), ['board_firmware_mismatch raised']);
    assert.equal(wrong.isOpen, false);
    await at.clock.advance(5_000);
    await online(at);
    assert.deepEqual(sentences(at.heard, 'fault'), [
      'board_firmware_mismatch raised',
      'board_firmware_mismatch cleared',
    ]);
    assert.equal(at.driver.barrier.status().online, true);
  });
}

test('a board that falls silent is offline after 1.5 s, and the port is opened again with a new object', async (t) => {
  const at = bench(t);
  const line = await online(at);
  await at.clock.advance(1_499);
  assert.deepEqual(sentences(at.heard, 'offline'), []);
  await at.clock.advance(1);
  assert.deepEqual(sentences(at.heard, 'offline'), ['the board does not answer']);
  assert.equal(line.isOpen, false);
  await at.clock.advance(250);
  assert.equal(at.lines.length, 2);
});

test('the counter that is asked for is never behind the opening that was told', async (t) => {
  const at = bench(t);
  const line = await online(at, { openings: 3 });
  line.say(event(1, 7, [4, 0, 0, 0, 1, 0, 0]));
  assert.deepEqual(sentences(at.heard, 'opened'), ['4']);
  assert.equal(at.driver.barrier.status().openings, 4);
});

test('a device that is not there is tried ever more seldom, every 5 s in the end, and is no loss', async (t) => {
  const at = bench(t);
  const tries: number[] = [];
  const began = at.clock.monotonic();
  for (let round = 0; round < 7; round++) {
    (await at.line()).emit('error', new Error('No such file or directory'));
    while (at.lines.length === round + 1) await at.clock.advance(50);
    tries.push(at.clock.monotonic() - began);
  }
  const waits = tries.map((time, index) => time - (tries[index - 1] ?? 0));
  assert.deepEqual(waits, [250, 500, 1_000, 2_000, 5_000, 5_000, 5_000]);
  assert.deepEqual(at.heard, []);
});

test('the board is told its settings at each connect, and pinged', async (t) => {
  const at = bench(t);
  const line = await online(at);
  const written = Buffer.from(line.written).toString('hex');
  assert.equal(written.slice(0, 6), 'f7f001', 'a lone end of sysex, then a ping');
  assert.ok(written.includes('f00432000077026400680702305d06f7'), 'the golden SETTINGS');
});

test('a board that starts anew under an open line is offline and online again', async (t) => {
  const at = bench(t);
  const line = await online(at);
  line.say(status({ boot: STREAM + 1 }));
  assert.deepEqual(sentences(at.heard, 'offline'), ['the board started anew']);
  assert.equal(sentences(at.heard, 'online').length, 2);
  assert.equal(at.lines.length, 1);
});

test('faults are raised once and cleared once, by event or by status', async (t) => {
  const at = bench(t);
  const line = await online(at);
  line.say(event(1, 6, [0b10, 0, 0b10, 0]));
  line.say(status({ faults: 0b10, next: 2 }));
  line.say(status({ faults: 0b100, next: 2 }));
  assert.deepEqual(sentences(at.heard, 'fault'), ['arm_broken raised', 'arm_broken cleared', 'raise_timeout raised']);
  line.say(status({ next: 2 }));
  assert.equal(sentences(at.heard, 'fault').at(-1), 'raise_timeout cleared');
});

test('an opening whose event found no room is told all the same, as unexplained, and the loss is told and clears itself', async (t) => {
  const at = bench(t);
  const line = await online(at);
  line.say(status({ openings: 4, lost: 2 }));
  assert.deepEqual(sentences(at.heard, 'opened'), ['4 unexplained']);
  line.say(status({ openings: 4, lost: 2 }));
  assert.deepEqual(sentences(at.heard, 'fault'), ['board_events_lost raised', 'board_events_lost cleared']);
  assert.deepEqual(sentences(at.heard, 'opened'), ['4 unexplained']);
});

test('an event of an unknown kind, or without its data, is counted and blocks nothing', async (t) => {
  const at = bench(t);
  const line = await online(at);
  line.say([...event(1, 99, []), ...event(2, 5, [1]), ...event(3, 2, [27, 1, 1, 1, 1]), ...event(4, 4, [])]);
  assert.equal(at.driver.counters().malformed_events, 3);
  assert.deepEqual(sentences(at.heard, 'button'), ['pressed']);
});

test('a card that is held to the reader is one card; shown again a second later it is another', async (t) => {
  const at = bench(t);
  const line = await online(at);
  const card = [26, 0x39, 0x30, 0, 0];
  line.say([...event(1, 2, card), ...event(2, 2, card, 2_900)]);
  assert.deepEqual(sentences(at.heard, 'card'), ['w26:12345']);
  line.say(event(3, 2, card, 3_900));
  assert.deepEqual(sentences(at.heard, 'card'), ['w26:12345', 'w26:12345']);
  assert.equal(at.driver.counters().repeated_cards, 1);
});
