/**
 * The envelope of the lane controller's messages (arduino/PROTOCOL.md, Framing): bytes packed into groups of seven bits, the last two of them a CRC.
 */

const CRC_LENGTH = 2;
const POLYNOMIAL = 0x1021;

const TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc & 0xffff;
});

/** CRC-16/CCITT-FALSE: initial FFFF, no reflection, no final xor. `start` continues an earlier sum. */
export function crc16(bytes: Iterable<number>, start = 0xffff): number {
  let crc = start;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0);
  return crc;
}

/** Bytes as groups of seven bits, least significant first; left-over bits are zero. */
export function pack7(bytes: Iterable<number>): number[] {
  const groups: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held |= byte << bits;
    for (bits += 8; bits >= 7; bits -= 7) {
      groups.push(held & 0x7f);
      held >>>= 7;
    }
  }
  if (bits > 0) groups.push(held & 0x7f);
  return groups;
}

/** The opposite of `pack7`. Null when it holds what `pack7` never makes: a group of eight bits, or left-over bits that are not zero. */
export function unpack7(groups: Iterable<number>): Uint8Array | null {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const group of groups) {
    if (group < 0 || group > 0x7f) return null;
    held |= group << bits;
    bits += 7;
    if (bits >= 8) {
      bytes.push(held & 0xff);
      held >>>= 8;
      bits -= 8;
    }
  }
  return held === 0 && bits < 7 ? Uint8Array.from(bytes) : null;
}

/** What goes between START_SYSEX and END_SYSEX. */
export function seal(command: number, payload: Uint8Array): number[] {
  const crc = crc16(payload, crc16([command]));
  return [command, ...pack7([...payload, crc >> 8, crc & 0xff])];
}

/** The payload of a packed message, or null when it is damaged. */
export function unseal(command: number, packed: Iterable<number>): Uint8Array | null {
  const bytes = unpack7(packed);
  if (bytes === null || bytes.length < CRC_LENGTH) return null;
  const payload = bytes.subarray(0, -CRC_LENGTH);
  const crc = crc16(payload, crc16([command]));
  return bytes.at(-2) === crc >> 8 && bytes.at(-1) === (crc & 0xff) ? payload : null;
}
