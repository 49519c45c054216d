import type { Cancel, Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Barrier } from '../../ports/barrier.js';
import type { Loops } from '../../ports/loops.js';
import type { Reader } from '../../ports/reader.js';
import { Commander } from './commander.js';
import { Connection } from './connection.js';
import { Inbox } from './inbox.js';
import { type LampPins, Lamps, type Light } from './lamps.js';
import { type BoardEvent, type BoardSettings, eventAck, type Status, settings as settingsMessage } from './messages.js';
import { Reporter } from './reporter.js';
import { Snapshot } from './snapshot.js';
import { type OpenTransport, openSerial, type Transport } from './transport.js';

const FIRMWARE = 'PalangLane';
const PROTOCOL_VERSION = 1;
/** Waits before opening again, ms: short after a loose plug, long where there is no board. */
const BACK_OFF = [250, 500, 1_000, 2_000, 5_000] as const;

/** The board sends an event again after 100 ms only. */
const ACKNOWLEDGE_AFTER_MS = 2;

/** What the firmware does when nobody tells it otherwise (arduino/PROTOCOL.md). */
export const DEFAULT_SETTINGS: BoardSettings = {
  closing_delay: 500,
  max_open: 120_000,
  motion_timeout: 8_000,
  unused_open: 20_000,
  self_close: true,
};

export interface BoardOptions {
  readonly clock: Clock;
  /** Serial device, best a symbolic link that udev keeps. Looked up anew at each opening. */
  readonly path: string;
  /** Sent at each connect. */
  readonly settings?: BoardSettings;
  readonly lamps?: LampPins;
  /** Opens `path`; a serial port unless a test says otherwise. */
  readonly openTransport?: OpenTransport;
}

/** For the technician: what went by without an effect. Counts since the driver was made. */
export interface BoardCounters {
  readonly connections: number;
  /** Bytes that made no message, and messages with a wrong sum, on the way from the board. */
  readonly discarded_bytes: number;
  readonly damaged_messages: number;
  /** Events that came again, and events that are not understood. */
  readonly repeated_events: number;
  readonly malformed_events: number;
  /** Frames of a card that was held to the reader. */
  readonly repeated_cards: number;
  /** The board's own counts of damaged messages from us and of refused writes to safety pins; they stop at 255. */
  readonly board_crc_errors: number;
  readonly board_refused_writes: number;
}

export interface BoardDriver {
  readonly barrier: Barrier;
  readonly loops: Loops;
  readonly reader: Reader;
  show(light: Light): void;
  counters(): BoardCounters;
}

/**
 * One lane controller board as barrier, loops and reader. The line is opened in the turn after `barrier.start`, so that the others started in the same turn
 * miss nothing. Events come in order, each once in the life of this driver, and stay on the board until their receipt is acknowledged.
 * @throws CodedError `time_out_of_range` for settings that the wire cannot carry.
 */
export function createBoardDriver(options: BoardOptions): BoardDriver {
  const board = new Board(options);
  return {
    barrier: {
      protected: true,
      start: (listener) => board.start(listener),
      stop: () => board.stop(),
      status: () => board.snapshot.barrier(),
      prepare: () => board.commander.prepare(),
      send: (operation, command, hold_open) => board.commander.send(operation, command, hold_open),
    },
    loops: {
      start: (changed) => {
        board.reporter.loops = changed;
      },
      levels: () => board.snapshot.loops(),
    },
    reader: {
      start: (listener) => {
        board.reporter.reader = listener;
      },
    },
    show: (light) => board.lamps.show(light),
    counters: () => board.counters(),
  };
}

class Board {
  readonly reporter = new Reporter();
  readonly snapshot = new Snapshot();
  readonly commander: Commander;
  readonly lamps: Lamps;
  readonly #clock: Clock;
  readonly #path: string;
  readonly #open: OpenTransport;
  readonly #settings: readonly number[];
  readonly #inbox: Inbox;
  #connection: Connection | null = null;
  #firmware: string | null = null;
  #boot: number | null = null;
  #failures = 0;
  #stopWaiting: Cancel = () => undefined;
  #stopAcknowledging: Cancel = () => undefined;
  #running = false;
  #last: Status | null = null;
  #counted = { connections: 0, bytes: 0, messages: 0 };

  constructor({ clock, path, settings = DEFAULT_SETTINGS, lamps = {}, openTransport = openSerial }: BoardOptions) {
    this.#clock = clock;
    this.#path = path;
    this.#open = openTransport;
    this.#settings = settingsMessage(settings);
    this.lamps = new Lamps(lamps);
    this.commander = new Commander(clock, (message) => this.#send(message));
    this.#inbox = new Inbox({
      acknowledge: (stream, sequence) => this.#acknowledge(stream, sequence),
      deliver: (event, receipt) => {
        this.snapshot.event(event);
        this.reporter.event(event, receipt);
      },
      unknownStream: () => this.#connection?.ask(),
    });
  }

  start(listener: NonNullable<Reporter['barrier']>): void {
    if (this.#running) throw new CodedError('already_started', 'The board driver runs');
    this.#running = true;
    this.reporter.barrier = listener;
    this.#stopWaiting = this.#clock.after(0, () => this.#connect());
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#stopWaiting();
    this.#stopAcknowledging();
    this.commander.offline();
    this.snapshot.offline();
    this.lamps.detach();
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  counters(): BoardCounters {
    const now = this.#connection?.discarded ?? { bytes: 0, messages: 0 };
    return {
      connections: this.#counted.connections,
      discarded_bytes: this.#counted.bytes + now.bytes,
      damaged_messages: this.#counted.messages + now.messages,
      repeated_events: this.#inbox.discarded,
      malformed_events: this.reporter.malformed,
      repeated_cards: this.reporter.repeated,
      board_crc_errors: this.#last?.crc_errors ?? 0,
      board_refused_writes: this.#last?.refused_writes ?? 0,
    };
  }

  #connect(): void {
    let line: Transport;
    try {
      line = this.#open(this.#path);
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error), undefined);
      return;
    }
    this.#connection = new Connection(this.#clock, line, {
      ready: (firmware, status) => this.#ready(firmware, status),
      status: (status) => this.#status(status),
      ack: (ack) => this.commander.ack(ack),
      event: (event) => this.#event(event),
      lost: (reason, firmware) => this.#lost(reason, firmware),
    });
  }

  #ready(firmware: string, status: Status): void {
    if (!firmware.startsWith(`${FIRMWARE} `) || status.version !== PROTOCOL_VERSION) {
      this.#mismatch(`${firmware}, protocol ${status.version}`);
      return;
    }
    this.reporter.fault('board_firmware_mismatch', false, firmware);
    this.#failures = 0;
    this.#counted.connections += 1;
    this.#firmware = firmware;
    this.#begin(firmware, status);
  }

  /** At a connect, and when the board started anew under an open line. */
  #begin(firmware: string, status: Status): void {
    this.#boot = status.boot;
    this.snapshot.online(firmware);
    this.#take(status);
    this.#sendIfOpen(this.#settings);
    this.reporter.online(this.snapshot.barrier());
    this.#report(status);
    this.#light();
  }

  #status(status: Status): void {
    if (status.boot !== this.#boot && this.#firmware !== null) {
      this.commander.offline();
      this.snapshot.offline();
      this.reporter.offline('the board started anew');
      this.#begin(this.#firmware, status);
    } else {
      this.#take(status);
      this.#report(status);
    }
  }

  /**
   * Cumulative, so the last one says it all. What made an event durable mostly makes a command due too: that goes first, for an acknowledgement is 2.3 ms of wire.
   */
  #acknowledge(stream: number, sequence: number): void {
    this.#stopAcknowledging();
    this.#stopAcknowledging = this.#clock.after(ACKNOWLEDGE_AFTER_MS, () => {
      this.#sendIfOpen(eventAck(stream, sequence));
    });
  }

  #event(event: BoardEvent): void {
    // Of a connection or a start of the board that nobody was told of yet: its STATUS comes first.
    const early = this.#boot === null || ((event.boot - this.#boot) | 0) > 0;
    if (!early) this.#inbox.event(event);
    else {
      this.#inbox.keep(event);
      this.#connection?.ask();
    }
  }

  #take(status: Status): void {
    this.#last = status;
    this.snapshot.status(status, this.#clock.monotonic());
    this.commander.status(status);
  }

  #report(status: Status): void {
    this.#inbox.status(status);
    this.reporter.status(status, this.snapshot.barrier(), this.#inbox.caughtUp(status));
  }

  #light(): void {
    const io = this.#connection?.io;
    if (io === undefined || !this.lamps.configured) return;
    if (io.isReady) this.lamps.attach(io);
    else io.once('ready', () => this.lamps.attach(io));
  }

  /** Not our program, or one that we do not speak with: asked again from time to time, as somebody may flash it. */
  #mismatch(found: string): void {
    const connection = this.#connection;
    this.#failures = BACK_OFF.length;
    this.reporter.fault('board_firmware_mismatch', true, found);
    this.#lost('another firmware', undefined);
    connection?.close().catch(() => undefined);
  }

  #lost(reason: string, firmware: string | undefined): void {
    if (firmware !== undefined && firmware !== FIRMWARE) {
      this.reporter.fault('board_firmware_mismatch', true, firmware);
    }
    const discarded = this.#connection?.discarded ?? { bytes: 0, messages: 0 };
    this.#counted.bytes += discarded.bytes;
    this.#counted.messages += discarded.messages;
    this.#connection = null;
    this.#stopWaiting();
    this.#stopAcknowledging();
    this.lamps.detach();
    const wasOnline = this.#boot !== null;
    this.#boot = null;
    this.commander.offline();
    this.snapshot.offline();
    const wait = BACK_OFF[Math.min(this.#failures, BACK_OFF.length - 1)] ?? 0;
    this.#failures += 1;
    if (this.#running) this.#stopWaiting = this.#clock.after(wait, () => this.#connect());
    if (wasOnline) this.reporter.offline(reason);
  }

  #send(message: readonly number[]): void {
    if (this.#connection === null) throw new CodedError('line_closed', 'The line to the board is not open');
    this.#connection.send(message);
  }

  /** For what is said again when it matters. */
  #sendIfOpen(message: readonly number[]): void {
    if (this.#connection?.isOpen) this.#connection.send(message);
  }
}
