/** Flash of an ATmega328P: 32 KB, 16,384 instruction words. */
const FLASH_BYTES = 0x8000;

/** Thrown for a text that is not the Intel hex of an ATmega328P program; the message names the line. */
export class HexError extends Error {
  readonly code = 'bad_hex';
  override readonly name = 'HexError';
}

/**
 * Parses Intel hex (records 00, 01, 02 and 04) into flash words. Unwritten flash reads FFFF, as on the chip.
 * Throws HexError on a bad checksum, a malformed record, an address beyond the flash or a missing end record.
 */
export function parseIntelHex(text: string): Uint16Array {
  const words = new Uint16Array(FLASH_BYTES / 2).fill(0xffff);
  const flash = new Uint8Array(words.buffer);
  let base = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    const { kind, address, data } = parseRecord(line, index + 1);
    if (kind === 0) {
      if (base + address + data.length > FLASH_BYTES) throw new HexError(`line ${index + 1} lies beyond the flash`);
      flash.set(data, base + address);
    } else if (kind === 1) return words;
    else if (kind === 2) base = segment(data) << 4;
    else if (kind === 4) base = segment(data) << 16;
  }
  throw new HexError('the end record is missing');
}

function segment(data: Uint8Array): number {
  return ((data[0] ?? 0) << 8) | (data[1] ?? 0);
}

function parseRecord(line: string, number: number): { kind: number; address: number; data: Uint8Array } {
  if (!/^:([0-9A-Fa-f]{2}){5,}$/.test(line)) throw new HexError(`line ${number} is not a hex record`);
  const bytes = Uint8Array.from({ length: (line.length - 1) / 2 }, (_, i) =>
    Number.parseInt(line.slice(1 + i * 2, 3 + i * 2), 16),
  );
  const [count = 0, high = 0, low = 0, kind = 0] = bytes;
  if (bytes.length !== count + 5) throw new HexError(`line ${number} has the wrong length`);
  if (bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0) !== 0) {
    throw new HexError(`line ${number} has a wrong checksum`);
  }
  return { kind, address: (high << 8) | low, data: bytes.subarray(4, 4 + count) };
}
