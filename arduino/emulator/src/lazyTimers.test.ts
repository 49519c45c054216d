import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  AVRIOPort,
  AVRTimer,
  avrInstruction,
  type CPU,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
} from 'avr8js';
import { parseIntelHex } from './intelHex.js';
import { LazyCpu } from './lazyTimers.js';

const flash = () => parseIntelHex(readFileSync(new URL('../../palang-lane.hex', import.meta.url), 'utf8'));
const TIMERS = [timer0Config, timer1Config, timer2Config];
const CYCLES = 1_600_000;

/** Hash of the program counter and the cycle at every instruction, and of the whole memory at the end. */
function trace(cpu: CPU, interfere: (cycle: number) => void): string {
  const hash = createHash('sha256');
  const place = new Uint32Array(4096);
  let filled = 0;
  while (cpu.cycles < CYCLES) {
    avrInstruction(cpu);
    cpu.tick();
    place[filled++] = (cpu.pc << 8) ^ cpu.cycles;
    if (filled < place.length) continue;
    hash.update(place);
    filled = 0;
    interfere(cpu.cycles);
  }
  return hash.update(cpu.data).digest('hex');
}

/** PWM on OC0A and compare interrupts' flags, moved while running, as analogWrite does. */
function playWithPwm(cpu: CPU): (cycle: number) => void {
  return (cycle) => {
    cpu.writeData(timer0Config.TCCRA, cycle % 3 === 0 ? 0x83 : 0x03);
    cpu.writeData(timer0Config.OCRA, (cycle >> 4) & 0xff);
    cpu.writeData(timer2Config.OCRB, (cycle >> 6) & 0xff);
  };
}

for (const [name, interfere] of [
  ['left alone', () => () => undefined],
  ['with PWM', playWithPwm],
] as const) {
  test(`lazy timers ${name} run the real program exactly as timers counted tick by tick do`, () => {
    const ticking = new LazyCpu(flash(), 2048);
    new AVRIOPort(ticking, portDConfig);
    for (const timer of TIMERS) new AVRTimer(ticking, timer);

    const lazy = new LazyCpu(flash(), 2048);
    new AVRIOPort(lazy, portDConfig);
    for (const timer of TIMERS) lazy.addTimer(timer);

    assert.equal(trace(lazy, interfere(lazy)), trace(ticking, interfere(ticking)));
  });
}
