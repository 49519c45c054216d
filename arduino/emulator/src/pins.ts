import { type AVRPortConfig, portBConfig, portCConfig, portDConfig } from 'avr8js';

/** An Arduino Uno pin by the number printed on the board: 0-13 digital, 14-19 are A0-A5. */
export type Pin = number;

export const PIN_COUNT = 20;

/** Where each pin sits on the ATmega328P (Uno schematic: D0-D7 port D, D8-D13 port B, A0-A5 port C). */
export function portOf(pin: Pin): { port: AVRPortConfig; bit: number } {
  if (pin < 8) return { port: portDConfig, bit: pin };
  if (pin < 14) return { port: portBConfig, bit: pin - 8 };
  return { port: portCConfig, bit: pin - 14 };
}
