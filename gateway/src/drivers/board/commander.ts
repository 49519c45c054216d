import type { Cancel, Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { BarrierError, BarrierOperation, PreparedCommand } from '../../ports/barrier.js';
import { type CommandAck, command, type Status } from './messages.js';
import { ahead, further } from './serial.js';

/** A frame and its answer take 7 ms on the wire; the rest is a busy host. */
const ANSWER_MS = 600;
/** One retry: the board knows a repeated sequence and answers it without moving twice. */
const ATTEMPTS = 2;
/**
 * From the stamp, which is up to 500 ms old when it is taken, over the journal (1 s at most) to the board. Refused by the board when later.
 */
const TIME_TO_LIVE_MS = 3_000;
/** Commands that may still be sent again. */
const REMEMBERED = 16;

/** Why the board refused, by its result code (arduino/PROTOCOL.md). */
const REASONS: Readonly<Record<number, string>> = {
  2: 'stale_boot',
  3: 'old_sequence',
  4: 'expired',
  5: 'no_lease',
  6: 'fault',
  7: 'unknown_operation',
  8: 'rate_limited',
};

interface Waiting {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: BarrierError) => void;
  stopWaiting: Cancel;
}

/** Numbers commands, sends them, and waits for the board's answer. Keeps none for a board that is away. */
export class Commander {
  readonly #clock: Clock;
  readonly #send: (message: readonly number[]) => void;
  readonly #stamps = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  #board: { boot: number; uptime: number; last: number } | null = null;

  /** `send` throws when the line is not open. */
  constructor(clock: Clock, send: (message: readonly number[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  status({ boot, uptime, last_sequence }: Status): void {
    const known = this.#board?.boot === boot ? this.#board : null;
    const last = known !== null && ahead(known.last, last_sequence) > 0 ? known.last : last_sequence;
    this.#board = { boot, uptime, last };
  }

  /** What was under way has an unknown outcome. */
  offline(): void {
    this.#board = null;
    for (const waiting of this.#waiting.values()) {
      waiting.stopWaiting();
      waiting.reject(new CodedError('barrier_no_answer', 'The board was lost before it answered'));
    }
    this.#waiting.clear();
  }

  /** The age of the command counts from here. @throws CodedError `barrier_offline`. */
  prepare(): PreparedCommand {
    if (this.#board === null) throw offline();
    // 0 is left out: the board's OPENING event says 0 for "by no command".
    const sequence = further(this.#board.last, 1) || 1;
    this.#board.last = sequence;
    const prepared = { boot: this.#board.boot, sequence };
    this.#stamps.set(name(prepared), this.#board.uptime);
    for (const oldest of this.#stamps.keys()) {
      if (this.#stamps.size <= REMEMBERED) break;
      this.#stamps.delete(oldest);
    }
    return prepared;
  }

  send(operation: BarrierOperation, prepared: PreparedCommand, hold_open: number): Promise<void> {
    if (this.#board === null) return Promise.reject(offline());
    const key = name(prepared);
    const underWay = this.#waiting.get(key);
    if (underWay !== undefined) return underWay.promise;
    const stamp = this.#stamps.get(key);
    if (stamp === undefined) return Promise.reject(refused('expired', prepared));
    let message: number[];
    try {
      message = command({ ...prepared, operation, stamp, ttl: TIME_TO_LIVE_MS, hold_open });
    } catch (error) {
      return Promise.reject(error);
    }
    const waiting = wait();
    this.#waiting.set(key, waiting);
    this.#attempt(key, message, waiting, ATTEMPTS);
    return waiting.promise;
  }

  ack({ boot, sequence, result }: CommandAck): void {
    const key = name({ boot, sequence });
    const waiting = this.#waiting.get(key) ?? (result === 2 ? this.#ofAnotherBoot(boot, sequence) : undefined);
    if (waiting === undefined) return;
    if (result === 0) this.#settle(waiting, () => waiting.resolve());
    else
      this.#settle(waiting, () => waiting.reject(refused(REASONS[result] ?? `result_${result}`, { boot, sequence })));
  }

  /** A refusal for the boot number quotes the board's own. */
  #ofAnotherBoot(boot: number, sequence: number): Waiting | undefined {
    for (const [key, waiting] of this.#waiting) {
      const [meant, number] = key.split('/', 2);
      if (number === `${sequence}` && meant !== `${boot}`) return waiting;
    }
    return undefined;
  }

  #attempt(key: string, message: readonly number[], waiting: Waiting, left: number): void {
    if (left === 0) {
      const error = new CodedError('barrier_no_answer', 'The board did not answer the command', { command: key });
      this.#settle(waiting, () => waiting.reject(error));
      return;
    }
    try {
      this.#send(message);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const code = left === ATTEMPTS ? 'barrier_offline' : 'barrier_no_answer';
      this.#settle(waiting, () => waiting.reject(new CodedError(code, 'The line to the board is closed', { reason })));
      return;
    }
    waiting.stopWaiting = this.#clock.after(ANSWER_MS, () => this.#attempt(key, message, waiting, left - 1));
  }

  #settle(waiting: Waiting, how: () => void): void {
    waiting.stopWaiting();
    for (const [key, other] of this.#waiting) if (other === waiting) this.#waiting.delete(key);
    how();
  }
}

function wait(): Waiting {
  let resolve: () => void = () => undefined;
  let reject: (error: BarrierError) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject, stopWaiting: () => undefined };
}

function name({ boot, sequence }: PreparedCommand): string {
  return `${boot}/${sequence}`;
}

function offline(): BarrierError {
  return new CodedError('barrier_offline', 'The board is not connected');
}

function refused(reason: string, detail: object): BarrierError {
  return new CodedError('barrier_refused', `The board refused: ${reason}`, { reason, ...detail });
}
