const LINE_LIMIT = 4_096;
const NEWLINE = 0x0a;

/** Cuts bytes into lines of at most 4,096 bytes; a longer one is told as null once and skipped to its end. */
export class Lines {
  readonly #tell: (line: string | null) => void;
  #kept: Buffer[] = [];
  #length = 0;

  constructor(tell: (line: string | null) => void) {
    this.#tell = tell;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, to));
      this.#end();
      from = to + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LINE_LIMIT) this.#kept = [];
    else if (part.length > 0) this.#kept.push(part);
  }

  #end(): void {
    const line = this.#length > LINE_LIMIT ? null : Buffer.concat(this.#kept).toString('utf8').trim();
    this.#kept = [];
    this.#length = 0;
    if (line !== '') this.#tell(line);
  }
}
