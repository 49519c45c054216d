import { avrInstruction, PinState } from 'avr8js';
import { Agenda } from './agenda.js';
import { Chip, CLOCK_HZ, type ResetKind } from './chip.js';
import { Eeprom } from './eeprom.js';
import { parseIntelHex } from './intelHex.js';
import { PIN_COUNT, type Pin, portOf } from './pins.js';
import { Uart } from './uart.js';

export type { ResetKind } from './chip.js';
export type { Pin } from './pins.js';

const CYCLES_PER_MS = CLOCK_HZ / 1000;
const SLEEP = 0x9588;
const SMCR = 0x53;
const SLEEP_ENABLE = 0x01;
/** Cycles between the waking interrupt and its handler (data sheet, 9.2). */
const WAKE_UP_CYCLES = 4;

export interface BoardOptions {
  /** The program as Intel hex. */
  readonly hex: string;
  /** Content of the EEPROM; erased when absent. */
  readonly eeprom?: Uint8Array;
}

export type OutputListener = (level: boolean, timeMs: number) => void;

/**
 * An Arduino Uno that runs its real program, instruction by instruction, in virtual time: time passes only inside `run` and
 * `runUntil`. The same program, inputs and times always give the same outputs at the same cycle. Inputs have no pull-up: what
 * is wired to a pin sets its level; nothing connected reads high here, as with the pull-up on.
 */
export class EmulatedBoard {
  readonly eeprom: Eeprom;
  readonly uart: Uart;
  readonly #flash: Uint16Array;
  readonly #agenda = new Agenda();
  readonly #inputs = new Array<boolean>(PIN_COUNT).fill(true);
  readonly #volts = new Array<number>(8).fill(0);
  readonly #told = new Map<Pin, boolean>();
  readonly #listeners = new Map<Pin, Set<OutputListener>>();
  #chip: Chip;
  #asleep = false;
  #stopAt = 0;
  #watchdogBit = false;

  /** Starts of the program since this object was made, the first included. */
  boots = 1;

  /** Throws HexError when `hex` is not a program for this chip. */
  constructor({ hex, eeprom }: BoardOptions) {
    this.#flash = parseIntelHex(hex);
    this.eeprom = new Eeprom(eeprom);
    this.uart = new Uart({
      usart: () => this.#chip.usart,
      after: (cycles, action) => this.#plan(this.cycles + Math.ceil(cycles), action),
      nowMs: () => this.nowMs,
    });
    this.#chip = this.#start('power', undefined);
  }

  /** CPU cycles since power-on; resets do not stop the count. */
  get cycles(): number {
    return this.#chip.cpu.cycles;
  }

  /** Virtual milliseconds since power-on, with fractions. */
  get nowMs(): number {
    return this.cycles / CYCLES_PER_MS;
  }

  /** Runs until virtual time `ms`; overshoots by less than one instruction. Returns at once when it is already later. */
  runUntil(ms: number): void {
    this.#runToCycle(Math.round(ms * CYCLES_PER_MS));
  }

  /** Runs for `cycles` CPU cycles. */
  run(cycles: number): void {
    this.#runToCycle(this.cycles + cycles);
  }

  /** Plans a deed of the outside world at virtual time `atMs` (not before now), exact to the instruction. Returns its cancel. */
  schedule(atMs: number, action: () => void): () => void {
    return this.#plan(Math.max(this.cycles, Math.round(atMs * CYCLES_PER_MS)), action);
  }

  /** Level that the outside puts on a pin; the pin's own driver wins while it is an output. */
  setInput(pin: Pin, level: boolean): void {
    this.#inputs[pin] = level;
    const { port, bit } = portOf(pin);
    this.#chip.port(port.PORT).setPin(bit, level);
  }

  /** Voltage (0-5) on an analog input: channel 0 is A0. */
  setAnalog(channel: number, volts: number): void {
    this.#volts[channel] = volts;
    this.#chip.adc.channelValues[channel] = volts;
  }

  /** True while the board drives the pin high. An input is false: what hangs on it has its own pull-down. */
  output(pin: Pin): boolean {
    const { port, bit } = portOf(pin);
    return this.#chip.port(port.PORT).pinState(bit) === PinState.High;
  }

  /** Calls `listener` at each change of a driven level, at the virtual time of the change. Returns what removes it. */
  onOutput(pin: Pin, listener: OutputListener): () => void {
    const listeners = this.#listeners.get(pin) ?? new Set();
    this.#told.set(pin, this.output(pin));
    this.#listeners.set(pin, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** `external` is the reset pin (what opening a port does through DTR); SRAM and EEPROM keep their content. */
  reset(kind: ResetKind): void {
    this.uart.boardReset();
    this.#chip = this.#start(kind, this.#chip);
    this.boots += 1;
    this.#stopAt = 0;
    this.#readOutputs();
  }

  #start(kind: ResetKind, previous: Chip | undefined): Chip {
    const chip = new Chip(this.#flash, this.eeprom, kind, previous, {
      transmit: (byte) => this.uart.transmitted(byte),
      portChanged: () => this.#readOutputs(),
      watchdogBit: () => {
        this.#watchdogBit = true;
        this.#stopAt = 0;
      },
    });
    for (const [pin, level] of this.#inputs.entries()) {
      const { port, bit } = portOf(pin);
      chip.port(port.PORT).setPin(bit, level);
    }
    for (const [channel, volts] of this.#volts.entries()) chip.adc.channelValues[channel] = volts;
    this.#asleep = false;
    return chip;
  }

  #plan(cycle: number, action: () => void): () => void {
    if (cycle < this.#stopAt) this.#stopAt = cycle;
    return this.#agenda.add(cycle, action);
  }

  #runToCycle(target: number): void {
    while (this.cycles < target) {
      this.#stopAt = Math.min(target, this.#agenda.next);
      this.#execute();
      if (this.#watchdogBit) {
        this.#watchdogBit = false;
        this.reset('watchdog');
      }
      this.#agenda.runDue(this.cycles);
    }
  }

  /** The inner loop: nothing else may be added here, it runs up to sixteen million times a second. */
  #execute(): void {
    const { cpu } = this.#chip;
    while (cpu.cycles < this.#stopAt) {
      if (this.#asleep) this.#sleep();
      else {
        if (cpu.progMem[cpu.pc] === SLEEP) this.#asleep = ((cpu.data[SMCR] ?? 0) & SLEEP_ENABLE) !== 0;
        avrInstruction(cpu);
        // An interrupt that is due at the very SLEEP has to wake it: taken by this tick, its handler would be slept through for ever.
        if (!this.#asleep) cpu.tick();
      }
    }
  }

  /** Skips to the next thing that can wake the CPU. Exact: while it sleeps no instruction runs, so nothing is left out. */
  #sleep(): void {
    const { cpu } = this.#chip;
    if (cpu.nextInterrupt >= 0 && cpu.interruptsEnabled) {
      this.#asleep = false;
      cpu.cycles += WAKE_UP_CYCLES;
    } else cpu.cycles = Math.max(cpu.cycles, Math.min(cpu.nextEventCycle, this.#stopAt));
    const before = cpu.pc;
    cpu.tick();
    if (cpu.pc !== before) this.#asleep = false;
  }

  #readOutputs(): void {
    for (const [pin, listeners] of this.#listeners) {
      const level = this.output(pin);
      if (level === this.#told.get(pin)) continue;
      this.#told.set(pin, level);
      for (const listener of listeners) listener(level, this.nowMs);
    }
  }
}
