import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmulatedBoard } from './board.js';

/** Programs are written as instruction words so that these tests need no compiler; the mnemonic stands beside each. */
function hexOf(words: readonly number[]): string {
  const data = words.flatMap((word) => [word & 0xff, word >> 8]);
  const record = [data.length, 0, 0, 0, ...data];
  const sum = record.reduce((total, byte) => total + byte, 0);
  const text = [...record, -sum & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `:${text}\n:00000001FF\n`;
}

/** Shows MCUSR on the pins D0-D7 by making those pins high outputs, then arms the watchdog (16 ms) and never feeds it. */
const STARVED_WATCHDOG = hexOf([
  0xb714, // in   r17, MCUSR
  0xb91a, // out  DDRD, r17
  0xb91b, // out  PORTD, r17
  0xe108, // ldi  r16, WDCE | WDE
  0x9300,
  0x0060, // sts  WDTCSR, r16
  0xe008, // ldi  r16, WDE (16 ms)
  0x9300,
  0x0060, // sts  WDTCSR, r16
  0xcfff, // rjmp .
]);

/** Counts its starts in one SRAM byte and in one EEPROM-free register file: D0-D7 show the byte. */
const COUNT_STARTS_IN_SRAM = hexOf([
  0x9110,
  0x0200, // lds  r17, 0x0200
  0x9513, // inc  r17
  0x9310,
  0x0200, // sts  0x0200, r17
  0xef0f, // ldi  r16, 0xFF
  0xb90a, // out  DDRD, r16
  0xb91b, // out  PORTD, r17
  0xcfff, // rjmp .
]);

/** Copies the level of D2 to D4 as fast as it can. */
const COPY_D2_TO_D4 = hexOf([
  0x9a54, // sbi  DDRD, 4
  0x9b4a, // sbis PIND, 2
  0x985c, // cbi  PORTD, 4
  0x994a, // sbic PIND, 2
  0x9a5c, // sbi  PORTD, 4
  0xcffb, // rjmp to sbis
]);

function portD(board: EmulatedBoard): number {
  return [0, 1, 2, 3, 4, 5, 6, 7].reduce((byte, pin) => byte | (Number(board.output(pin)) << pin), 0);
}

test('a starved watchdog resets the board for ever, and each start finds the reason in MCUSR', () => {
  const board = new EmulatedBoard({ hex: STARVED_WATCHDOG });
  board.runUntil(1);
  assert.equal(portD(board), 0x01, 'power-on');
  board.runUntil(101);
  assert.equal(portD(board), 0x08, 'watchdog');
  assert.equal(board.boots, 1 + 6, 'one bite every 16.384 ms');
  board.reset('external');
  board.runUntil(102);
  assert.equal(portD(board), 0x02, 'external');
});

test('an external reset keeps SRAM, a power cycle does not', () => {
  const board = new EmulatedBoard({ hex: COUNT_STARTS_IN_SRAM });
  board.runUntil(1);
  const first = portD(board);
  board.reset('external');
  assert.equal(portD(board), 0, 'all pins are inputs in reset');
  board.runUntil(2);
  assert.equal(portD(board), (first + 1) & 0xff);
  board.reset('external');
  board.runUntil(3);
  assert.equal(portD(board), (first + 2) & 0xff);
  board.reset('power');
  board.runUntil(4);
  assert.equal(portD(board), first, 'memory after power-on is arbitrary but always the same');
});

test('a planned input takes effect at its microsecond', () => {
  const board = new EmulatedBoard({ hex: COPY_D2_TO_D4 });
  const edges: [boolean, number][] = [];
  board.onOutput(4, (level, timeMs) => edges.push([level, timeMs]));
  board.setInput(2, false);
  board.schedule(5.25, () => board.setInput(2, true));
  board.schedule(5.3, () => board.setInput(2, false));
  board.runUntil(10);
  assert.deepEqual(
    edges.map(([level]) => level),
    [true, false],
  );
  for (const [index, expected] of [5.25, 5.3].entries()) {
    const late = (edges[index]?.[1] ?? 0) - expected;
    assert.ok(late >= 0 && late < 0.001, `edge ${index} came ${late} ms after its cause`);
  }
});

test('a deed planned from an output callback is not overslept', () => {
  const board = new EmulatedBoard({ hex: COPY_D2_TO_D4 });
  board.setInput(2, false);
  const seen: number[] = [];
  board.onOutput(4, (level, timeMs) => {
    if (level) board.schedule(timeMs + 0.01, () => seen.push(board.nowMs - timeMs));
  });
  board.schedule(1, () => board.setInput(2, true));
  board.runUntil(2);
  assert.equal(seen.length, 1);
  assert.ok((seen[0] ?? 1) < 0.011);
});

test('time does not pass outside run', () => {
  const board = new EmulatedBoard({ hex: COPY_D2_TO_D4 });
  board.runUntil(3);
  const { cycles } = board;
  board.runUntil(2);
  assert.equal(board.cycles, cycles);
  board.run(1600);
  assert.ok(board.cycles - cycles >= 1600 && board.cycles - cycles < 1604);
});
