import { type CredentialValue, wiegand } from '@palang/contract/credential';
import type { BoardEvent } from './messages.js';

/** A card that is held to the reader repeats faster than this; a card that is shown again comes later. */
const HELD_MS = 1_000;

/** A reader's frame as a credential, or null when the numbers make none. */
export function credentialOf({ data }: BoardEvent): CredentialValue | null {
  const [bits, ...bytes] = data;
  if ((bits !== 26 && bits !== 34) || bytes.length < 4) return null;
  const value = bytes.slice(0, 4).reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (bits === 26 && value >= 2 ** 24) return null;
  return wiegand(bits, value);
}

/** Thins the repetitions of readers that send again while the card is held, by the board's own time. */
export class HeldCard {
  #last: { value: CredentialValue; boot: number; time: number } | null = null;

  /** True when it is the card that is already there. */
  repeats(value: CredentialValue, { boot, time }: BoardEvent): boolean {
    const last = this.#last;
    this.#last = { value, boot, time };
    return last !== null && last.value === value && last.boot === boot && ((time - last.time) | 0) < HELD_MS;
  }
}
