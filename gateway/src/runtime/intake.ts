import type { DeviceMessageId, Receipt } from '../ports/receipt.js';

/** Sequences are 16 bits and wrap; within a stream a message is newer when it is less than half the ring ahead. */
export function isNewer(sequence: number, than: number): boolean {
  const ahead = (sequence - than) & 0xffff;
  return ahead !== 0 && ahead < 0x8000;
}

/**
 * Tells a device's message that the lane has taken in before from a new one. What the stored state knows (`restored`) was taken in by an
 * earlier process; within this one a device message may bring several inputs (two loops at once), unless it is `alone`.
 */
export class Intake {
  readonly #restored: DeviceMessageId | null;
  #last: DeviceMessageId | null = null;

  constructor(restored: DeviceMessageId | null) {
    this.#restored = restored;
  }

  accepts({ id }: Receipt, alone: boolean): boolean {
    const known = this.#last ?? this.#restored;
    const same = known !== null && known.stream === id.stream && known.sequence === id.sequence;
    const repeated = same && (alone || this.#last === null);
    const older = known !== null && known.stream === id.stream && !same && !isNewer(id.sequence, known.sequence);
    if (repeated || older) return false;
    this.#last = id;
    return true;
  }
}
