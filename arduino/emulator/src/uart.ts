/** Bytes that may wait for the board before the sender is asked to wait; a USB serial adapter buffers about as much. */
const COMFORTABLE_QUEUE = 256;
/** Cycles for a character at 57,600 baud while the board's own receiver is off. */
const DEFAULT_CYCLES = 2778;

export type ByteListener = (byte: number, timeMs: number) => void;

interface Line {
  readonly cyclesPerCharacter: number;
  readonly receiving: boolean;
  receive(byte: number): boolean;
}

interface Wiring {
  usart(): Line;
  after(cycles: number, action: () => void): () => void;
  nowMs(): number;
}

/** The serial line of the board: bytes travel in both directions at the speed of the wire. */
export class Uart {
  readonly #wiring: Wiring;
  readonly #listeners = new Set<ByteListener>();
  readonly #drained = new Set<() => void>();
  #queue: number[] = [];
  #moving = false;
  #incarnation = 0;

  /** Bytes that arrived while the board could not take them. */
  lostBytes = 0;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  /** True while a sender may go on; when false, wait for `onDrain`. */
  get hasRoom(): boolean {
    return this.#queue.length < COMFORTABLE_QUEUE;
  }

  /** Puts bytes on the wire to the board, behind those already on their way. */
  send(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#queue.push(byte);
    this.#move();
  }

  /** Calls `listener` for each byte from the board, when its stop bit has passed. */
  onByte(listener: ByteListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` once, when the wire to the board has fallen silent. */
  onDrain(listener: () => void): void {
    this.#drained.add(listener);
  }

  /** The cable was pulled or the port closed: what is on the wire is gone. */
  clear(): void {
    this.#queue = [];
    this.#silent();
  }

  /** The board began to send a byte. */
  transmitted(byte: number): void {
    const incarnation = this.#incarnation;
    this.#wiring.after(this.#wiring.usart().cyclesPerCharacter, () => {
      if (incarnation !== this.#incarnation) return;
      for (const listener of this.#listeners) listener(byte, this.#wiring.nowMs());
    });
  }

  /** The board was reset: a character it was sending breaks off. */
  boardReset(): void {
    this.#incarnation += 1;
  }

  #move(): void {
    if (this.#moving || this.#queue.length === 0) return;
    this.#moving = true;
    const usart = this.#wiring.usart();
    this.#wiring.after(usart.receiving ? usart.cyclesPerCharacter : DEFAULT_CYCLES, () => this.#arrive());
  }

  #arrive(): void {
    this.#moving = false;
    const byte = this.#queue.shift();
    if (byte !== undefined && !this.#wiring.usart().receive(byte)) this.lostBytes += 1;
    if (this.#queue.length > 0) this.#move();
    else this.#silent();
  }

  #silent(): void {
    const waiting = [...this.#drained];
    this.#drained.clear();
    for (const listener of waiting) listener();
  }
}
