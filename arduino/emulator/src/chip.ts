import {
  AVRADC,
  AVRClock,
  AVREEPROM,
  AVRIOPort,
  AVRWatchdog,
  adcConfig,
  portBConfig,
  portCConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  watchdogConfig,
} from 'avr8js';
import type { Eeprom } from './eeprom.js';
import { LazyCpu } from './lazyTimers.js';
import { Usart } from './usart.js';

export const CLOCK_HZ = 16_000_000;

const SRAM_BYTES = 2048;
const SRAM_START = 0x100;
const { MCUSR, WDTCSR } = watchdogConfig;
const WDE = 0x08;
const WDCE = 0x10;

/** MCUSR bits, as the firmware reports them in `reset_reason` (ATmega328P data sheet, 10.9.1). */
export const RESET_FLAGS = { power: 0x01, external: 0x02, watchdog: 0x08 } as const;
export type ResetKind = keyof typeof RESET_FLAGS;

export interface ChipEvents {
  transmit(byte: number): void;
  portChanged(portRegister: number): void;
  watchdogBit(): void;
}

/**
 * One life of the ATmega328P, from a reset to the next. A reset makes a new one: the library resets only part of its state,
 * while real silicon starts every register afresh and keeps SRAM (except after power-on) and EEPROM.
 */
export class Chip {
  readonly cpu: LazyCpu;
  readonly usart: Usart;
  readonly adc: AVRADC;
  readonly #ports: Map<number, AVRIOPort>;

  constructor(flash: Uint16Array, eeprom: Eeprom, reset: ResetKind, previous: Chip | undefined, events: ChipEvents) {
    this.cpu = new LazyCpu(flash, SRAM_BYTES);
    this.cpu.cycles = previous?.cpu.cycles ?? 0;
    if (previous === undefined || reset === 'power') fillAsAtPowerOn(this.cpu.data.subarray(SRAM_START));
    else this.cpu.data.set(previous.cpu.data.subarray(SRAM_START), SRAM_START);

    this.#ports = new Map(
      [portBConfig, portCConfig, portDConfig].map((port) => [port.PORT, new AVRIOPort(this.cpu, port)]),
    );
    for (const [register, port] of this.#ports) port.addListener(() => events.portChanged(register));
    for (const timer of [timer0Config, timer1Config, timer2Config]) this.cpu.addTimer(timer);
    this.usart = new Usart(this.cpu, CLOCK_HZ, (byte) => events.transmit(byte));
    this.adc = new AVRADC(this.cpu, adcConfig);
    new AVREEPROM(this.cpu, eeprom);
    new AVRWatchdog(this.cpu, watchdogConfig, new AVRClock(this.cpu, CLOCK_HZ));

    this.cpu.data[MCUSR] = RESET_FLAGS[reset];
    if (reset === 'watchdog') this.#keepWatchdogRunning();
    this.cpu.onReset = () => events.watchdogBit();
  }

  port(register: number): AVRIOPort {
    const port = this.#ports.get(register);
    if (port === undefined) throw new Error(`the chip has no port at ${register.toString(16)}`);
    return port;
  }

  /** After a watchdog reset the watchdog stays on at its shortest time (16 ms) until the program disarms it (data sheet, 10.9.2). */
  #keepWatchdogRunning(): void {
    this.cpu.writeData(WDTCSR, WDCE | WDE);
    this.cpu.writeData(WDTCSR, WDE);
  }
}

/** SRAM wakes up with arbitrary content: a fixed pattern (xorshift), so that runs repeat and uninitialised memory is never a tidy zero. */
function fillAsAtPowerOn(sram: Uint8Array): void {
  let state = 0x2545f491;
  for (let i = 0; i < sram.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    sram[i] = state & 0xff;
  }
}
