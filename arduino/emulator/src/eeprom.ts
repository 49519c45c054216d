import type { EEPROMBackend } from 'avr8js';

/** Bytes of EEPROM in an ATmega328P. */
export const EEPROM_BYTES = 1024;

/** The chip's EEPROM: survives every reset and, when its owner saves `bytes`, the end of the process. */
export class Eeprom implements EEPROMBackend {
  readonly bytes: Uint8Array;
  /** Rises with every erase and write, so that an owner can see cheaply whether there is something to save. */
  version = 0;

  /** `content` is copied; shorter content is followed by erased (FF) bytes. */
  constructor(content: Uint8Array = new Uint8Array()) {
    this.bytes = new Uint8Array(EEPROM_BYTES).fill(0xff);
    this.bytes.set(content.subarray(0, EEPROM_BYTES));
  }

  readMemory(address: number): number {
    return this.bytes[address % EEPROM_BYTES] ?? 0xff;
  }

  writeMemory(address: number, value: number): void {
    this.bytes[address % EEPROM_BYTES] = this.readMemory(address) & value;
    this.version += 1;
  }

  eraseMemory(address: number): void {
    this.bytes[address % EEPROM_BYTES] = 0xff;
    this.version += 1;
  }
}
