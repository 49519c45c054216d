import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { BoardBench } from '@palang/gateway/drivers/board/contract';
import { type BoardDriver, createBoardDriver } from '@palang/gateway/drivers/board/driver';
import { COMMAND_ACK, read } from '@palang/gateway/drivers/board/messages';
import type { Transport } from '@palang/gateway/drivers/board/transport';
import { type SimulatedLane, Site } from '../site/site.js';
import { PINS } from '../site/world/wiring.js';

export const HEX = readFileSync(new URL('../../../arduino/palang-lane.hex', import.meta.url), 'utf8');

/** 2026-11-23T00:00:00Z. */
const WALL = 1_795_392_000_000;
const START_SYSEX = 0xf0;
const END_SYSEX = 0xf7;
export const DUPLICATE = 0x80;

/** A serial line that a test can pull, listen to, and hold writes on. */
export class TappedLine extends EventEmitter {
  readonly #line: Transport;
  /** Writes that wait until `release`; null lets them pass. */
  #held: Buffer[] | null = null;
  readonly #holds: (bytes: Buffer) => boolean;
  /** Everything the board said on it. */
  readonly fromBoard: number[] = [];

  /** `holds` says which writes wait. */
  constructor(line: Transport, holds: (bytes: Buffer) => boolean) {
    super();
    this.#line = line;
    this.#holds = holds;
    for (const event of ['open', 'error', 'close']) line.on(event, (value: unknown) => this.emit(event, value));
    line.on('data', (bytes: Buffer) => {
      this.fromBoard.push(...bytes);
      this.emit('data', bytes);
    });
  }

  get isOpen(): boolean {
    return this.#line.isOpen;
  }

  hold(): void {
    this.#held = [];
  }

  /** Delivers what was held, late. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const bytes of held) this.#line.write(bytes, () => undefined);
  }

  write(bytes: Buffer, done: (error?: Error | null) => void): void {
    if (this.#held === null || !this.#holds(bytes)) this.#line.write(bytes, done);
    else {
      this.#held.push(bytes);
      done();
    }
  }

  close(done: (error?: Error | null) => void): void {
    this.#line.close(done);
  }
}

const isCommand = (bytes: Buffer) => bytes[0] === START_SYSEX && bytes[1] === COMMAND_ACK;

/** Results of commands as the board has answered them on the present line, the duplicate bit included. */
export function answers({ line }: VirtualBoard): number[] {
  const results: number[] = [];
  let frame: number[] = [];
  for (const byte of line?.fromBoard ?? []) {
    if (byte === START_SYSEX) frame = [];
    else if (byte !== END_SYSEX) frame.push(byte);
    else {
      const message = read(frame[0] ?? 0, frame.slice(1));
      if (message?.type === 'ack') results.push(message.ack.result | (message.ack.duplicate ? DUPLICATE : 0));
    }
  }
  return results;
}

/** The real firmware in the emulator with everything that is wired to it, and the gateway's board driver, all on the board's virtual time. */
export class VirtualBoard implements BoardBench {
  readonly lane: SimulatedLane;
  line: TappedLine | null = null;
  #plugged = true;
  #rises = 0;
  readonly #written: Buffer[] = [];

  constructor() {
    const site = new Site({ hex: HEX, wall: () => WALL, lanes: [{ lane: 'gate_in', direction: 'in' }] });
    this.lane = site.lane('gate_in');
    this.lane.board.onOutput(PINS.raiseRelay, (high) => {
      if (high) this.#rises += 1;
    });
  }

  /** The COMMAND messages that the driver has written, repetitions included. */
  commands(): Buffer[] {
    return this.#written.filter(isCommand);
  }

  makeDriver(): BoardDriver {
    return createBoardDriver({ clock: this.lane.clock, path: 'virtual', openTransport: () => this.#open() });
  }

  /** Steps of one millisecond; promises and stream callbacks get their turn after each. */
  async pass(ms: number): Promise<void> {
    const until = this.lane.board.nowMs + ms;
    while (this.lane.board.nowMs < until) await this.#step();
  }

  async until(condition: () => boolean, limit: number): Promise<void> {
    const end = this.lane.board.nowMs + limit;
    while (!condition()) {
      if (this.lane.board.nowMs >= end) throw new Error(`it did not happen within ${limit} ms: ${condition}`);
      await this.#step();
    }
  }

  /** Pulls or plugs the cable, and does with the lane what a person would. */
  readonly world = {
    card: (value: number, parity: 'right' | 'wrong') => this.lane.world.showCard({ bits: 26, value }, parity),
    press: () => this.lane.world.pressButton(),
    occupy: (loop: 'arming' | 'closing', occupied: boolean) =>
      this.lane.world.setFault({ device: `${loop}_loop`, fault: 'stuck' }, occupied),
    unplug: () => {
      this.#plugged = false;
      this.line?.close(() => undefined);
    },
    plug: () => {
      this.#plugged = true;
    },
    rises: () => this.#rises,
  };

  async #step(): Promise<void> {
    this.lane.board.runUntil(this.lane.board.nowMs + 1);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #open(): Transport {
    if (!this.#plugged) return new AbsentLine();
    this.line = new TappedLine(this.lane.openSerial(), isCommand);
    const write = this.line.write.bind(this.line);
    this.line.write = (bytes, done) => {
      this.#written.push(bytes);
      write(bytes, done);
    };
    return this.line;
  }
}

/** What opening a device that is not there gives. */
class AbsentLine extends EventEmitter implements Transport {
  readonly isOpen = false;

  constructor() {
    super();
    setImmediate(() => this.emit('error', new Error('No such file or directory')));
  }

  write(_bytes: Buffer, done: (error?: Error | null) => void): void {
    done(new Error('not open'));
  }

  close(done: (error?: Error | null) => void): void {
    done(new Error('not open'));
  }
}

export function virtualBoard(_t: TestContext): Promise<VirtualBoard> {
  return Promise.resolve(new VirtualBoard());
}
