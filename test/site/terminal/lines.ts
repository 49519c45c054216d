const MAX_LINE_BYTES = 4_096;
const NEWLINE = 0x0a;

/** Cuts a byte stream into lines. A line that grows too long is reported once as undefined and skipped up to its end. */
export class LineSplitter {
  readonly #onLine: (line: string | undefined) => void;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(onLine: (line: string | undefined) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      this.#append(rest.subarray(0, end));
      this.#finish();
      rest = rest.subarray(end + 1);
    }
    this.#append(rest);
  }

  #append(part: Buffer): void {
    this.#size += part.length;
    if (this.#size <= MAX_LINE_BYTES) this.#parts.push(part);
    else this.#parts = [];
  }

  #finish(): void {
    const tooLong = this.#size > MAX_LINE_BYTES;
    const line = Buffer.concat(this.#parts).toString('utf8').replace(/\r$/, '');
    this.#parts = [];
    this.#size = 0;
    if (tooLong) this.#onLine(undefined);
    else if (line !== '') this.#onLine(line);
  }
}
