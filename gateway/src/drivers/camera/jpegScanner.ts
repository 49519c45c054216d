/** More than any lane camera sends; what is longer is thrown away. */
export const JPEG_LIMIT = 4 * 1024 * 1024;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const TEM = 0x01;
const RST0 = 0xd0;
const RST7 = 0xd7;

/** True when it is one whole picture: from start marker to end marker, within the limit. */
export function isJpeg(bytes: Uint8Array): boolean {
  const { length } = bytes;
  if (length < 4 || length > JPEG_LIMIT) return false;
  return bytes[0] === 0xff && bytes[1] === SOI && bytes[length - 2] === 0xff && bytes[length - 1] === EOI;
}

type Where = 'outside' | 'segments' | 'picture';

/**
 * Finds whole JPEG pictures in a stream by walking their segments (ITU-T T.81, B.1), so that neither a missing Content-Length nor a thumbnail inside a
 * segment misleads it. A picture that breaks off or grows too long is dropped, and the next one is found.
 */
export class JpegScanner {
  readonly #onPicture: (jpeg: Uint8Array) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #where: Where = 'outside';

  /** Pictures that broke off, and runs of bytes that were none. */
  dropped = 0;

  constructor(onPicture: (jpeg: Uint8Array) => void) {
    this.#onPicture = onPicture;
  }

  push(chunk: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#bytes, chunk]);
    while (this.#step());
    if (this.#bytes.length <= JPEG_LIMIT) return;
    this.#bytes = Buffer.alloc(0);
    this.#leave();
  }

  /** One marker further; false when more bytes are needed. */
  #step(): boolean {
    if (this.#where === 'outside') return this.#findStart();
    const bytes = this.#bytes;
    // A segment may reach beyond what has come.
    if (this.#at >= bytes.length) return false;
    const marker = bytes.indexOf(0xff, this.#at);
    // Inside the picture anything may stand between markers, between segments nothing may.
    if (this.#where === 'segments' && marker !== this.#at) return this.#leave();
    const code = marker < 0 ? undefined : bytes[marker + 1];
    if (marker < 0 || code === undefined) {
      this.#at = marker < 0 ? bytes.length : marker;
      return false;
    }
    if (code === 0xff) {
      this.#at = marker + 1;
      return true;
    }
    return this.#marker(marker, code);
  }

  #marker(marker: number, code: number): boolean {
    if (code === EOI) return this.#found(marker + 2);
    if (code === SOI) {
      // The one before broke off.
      this.dropped += 1;
      this.#begin(marker);
      return true;
    }
    if (code === 0 || code === TEM || (code >= RST0 && code <= RST7)) {
      this.#at = marker + 2;
      return code !== 0 || this.#where === 'picture' ? true : this.#leave();
    }
    if (this.#bytes.length < marker + 4) {
      this.#at = marker;
      return false;
    }
    this.#at = marker + 2 + this.#bytes.readUInt16BE(marker + 2);
    this.#where = code === SOS ? 'picture' : 'segments';
    return this.#at <= JPEG_LIMIT ? true : this.#leave();
  }

  #findStart(): boolean {
    const bytes = this.#bytes;
    for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
      if (bytes[at + 1] === SOI) {
        this.#begin(at);
        return true;
      }
      if (at === bytes.length - 1) {
        this.#bytes = bytes.subarray(at);
        return false;
      }
    }
    this.#bytes = Buffer.alloc(0);
    return false;
  }

  #begin(at: number): void {
    this.#bytes = this.#bytes.subarray(at);
    this.#at = 2;
    this.#where = 'segments';
  }

  #found(end: number): boolean {
    const jpeg = Uint8Array.from(this.#bytes.subarray(0, end));
    this.#bytes = this.#bytes.subarray(end);
    this.#where = 'outside';
    this.#onPicture(jpeg);
    return true;
  }

  /** Gives up all that was walked: a search from its start on would take its thumbnail for a picture. */
  #leave(): boolean {
    this.dropped += 1;
    this.#bytes = this.#bytes.subarray(this.#at);
    this.#where = 'outside';
    return true;
  }
}
