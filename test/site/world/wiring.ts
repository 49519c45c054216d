/** What is screwed to the board's terminals (arduino/PROTOCOL.md, "Pins"). */
export const PINS = {
  readerZero: 2,
  readerOne: 3,
  raiseRelay: 4,
  lowerRelay: 5,
  armingLoop: 7,
  closingLoop: 8,
  lowerLimit: 9,
  upperLimit: 10,
  ticketButton: 11,
  armInPlace: 12,
  lamp: 13,
} as const;

/** The wires between the world and the board. */
export interface Wires {
  set(pin: number, high: boolean): void;
  onOutput(pin: number, listener: (high: boolean) => void): void;
}

/** Positions along the lane in metres, in driving direction; the arming loop begins at 0. */
export const LAYOUT = {
  appearAt: -0.6,
  armingLoop: { from: 0, to: 2.2 },
  stopLine: 1.8,
  closingLoop: { from: 2.6, to: 4.6 },
  arm: 3.2,
  goneAfter: 5.4,
} as const;
