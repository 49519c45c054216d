import type { Cancel, Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import { FilteredTransport } from './filter.js';
import { connectFirmata, type Firmata, forgetFirmata } from './firmata.js';
import { type BoardEvent, type CommandAck, ping, read, type Status } from './messages.js';
import type { Transport } from './transport.js';

const END_SYSEX = 0xf7;
const CAPABILITY_QUERY = 0x6b;
const ANALOG_MAPPING_QUERY = 0x69;
/** The board's lease on us is 2 s (arduino/PROTOCOL.md). */
const PING_EVERY_MS = 500;
/** Three pings unanswered. */
const SILENCE_MS = 1_500;
/** From the opening to the first answer: an Uno's boot loader takes up to 2 s of it. */
const HANDSHAKE_MS = 4_000;

export interface ConnectionPeer {
  /** The board answers and said what program it runs. Told once, before any `status`; events and acknowledgements may come earlier. */
  ready(firmware: string, status: Status): void;
  status(status: Status): void;
  ack(ack: CommandAck): void;
  event(event: BoardEvent): void;
  /** Told once; after it nothing else is. `firmware` is the name of the board's program as far as it was told. */
  lost(reason: string, firmware: string | undefined): void;
}

/** One opening of a board's line, from `open` to `lost`. Never used again after that. */
export class Connection {
  readonly #clock: Clock;
  readonly #peer: ConnectionPeer;
  readonly #line: Transport;
  readonly #filter: FilteredTransport;
  readonly #closed: Promise<void>;
  readonly io: Firmata;
  #ready = false;
  #ended = false;
  #nonce = 0;
  #stopPinging: Cancel = () => undefined;
  #stopListening: Cancel;

  /** Messages that were damaged. */
  damaged = 0;

  constructor(clock: Clock, line: Transport, peer: ConnectionPeer) {
    this.#clock = clock;
    this.#line = line;
    this.#peer = peer;
    this.#closed = new Promise((resolve) => {
      line.once('close', () => resolve());
      line.once('error', () => resolve());
    });
    this.#filter = new FilteredTransport(line);
    this.io = connectFirmata(this.#filter, (command, packed) => this.#message(command, packed));
    this.io.once('open', () => this.#opened());
    // What was asked while the board still started is lost.
    this.io.on('queryfirmware', () => this.ask());
    this.io.on('error', (error: Error) => this.#end(error.message));
    this.io.on('close', () => this.#end('the line was closed'));
    this.#stopListening = clock.after(HANDSHAKE_MS, () => this.#end('no answer after opening'));
  }

  get discarded(): { readonly bytes: number; readonly messages: number } {
    return { bytes: this.#filter.discarded, messages: this.damaged };
  }

  get isOpen(): boolean {
    return !this.#ended && this.#filter.isOpen;
  }

  /** @throws CodedError `line_closed`: nothing is kept for later. */
  send(message: readonly number[]): void {
    if (!this.isOpen) throw new CodedError('line_closed', 'The line to the board is not open');
    this.io.sysexCommand(message);
  }

  /** Asks for a STATUS now. */
  ask(): void {
    if (!this.isOpen) return;
    this.#nonce = (this.#nonce + 1) & 0xffff;
    this.io.sysexCommand(ping(this.#nonce));
  }

  /** Resolves when the line is let go of. Tells nobody. */
  async close(): Promise<void> {
    this.#stop();
    this.#letGo();
    await this.#closed;
  }

  #opened(): void {
    // Ends what an earlier host left half said: a parser inside a sysex swallows everything else.
    this.#filter.write(Buffer.of(END_SYSEX));
    this.#keepAsking();
  }

  #keepAsking(): void {
    this.ask();
    if (this.io.firmware.name !== undefined && !this.io.isReady) this.#askForPins();
    this.#stopPinging = this.#clock.after(PING_EVERY_MS, () => this.#keepAsking());
  }

  /** The board leaves such a question unanswered while its line is busy, and firmata-io asks once. */
  #askForPins(): void {
    if (this.isOpen) this.io.sysexCommand([this.#filter.pinsKnown ? ANALOG_MAPPING_QUERY : CAPABILITY_QUERY]);
  }

  #message(command: number, packed: readonly number[]): void {
    if (this.#ended) return;
    const message = read(command, packed);
    if (message === null) this.damaged += 1;
    else if (message.type === 'status') this.#status(message.status);
    else if (message.type === 'ack') this.#peer.ack(message.ack);
    else this.#peer.event(message.event);
  }

  #status(status: Status): void {
    const { name } = this.io.firmware;
    if (!this.#ready) {
      // Its name comes right after the version; without either it is asked for.
      if (name === undefined) return;
      this.#ready = true;
      const { version } = this.io.firmware;
      this.#peer.ready(`${name} ${version?.major ?? 0}.${version?.minor ?? 0}`, status);
    } else this.#peer.status(status);
    if (this.#ended) return;
    this.#stopListening();
    this.#stopListening = this.#clock.after(SILENCE_MS, () => this.#end('the board does not answer'));
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#stop();
    this.#letGo();
    this.#peer.lost(reason, this.io.firmware.name);
  }

  /** A line that is still opening is closed once it is open: closing it earlier is an error in serialport. */
  #letGo(): void {
    if (this.#line.isOpen) this.#line.close(() => undefined);
    else this.#line.once('open', () => this.#line.close(() => undefined));
  }

  #stop(): void {
    this.#ended = true;
    this.#stopPinging();
    this.#stopListening();
    forgetFirmata(this.io);
  }
}
