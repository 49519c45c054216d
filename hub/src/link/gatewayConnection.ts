import type { Clock } from '@palang/contract/clock';
import { CodedError, codeOf } from '@palang/contract/errors';
import type { Epoch, GateId, Origin } from '@palang/contract/ids';
import { type Down, type Mark, parseMessage, Up, unpackFrame } from '@palang/contract/link/envelope';
import type { ReplicaVersion } from '@palang/contract/link/replica';
import type { RawData, WebSocket } from 'ws';
import type { Commanded, Commander } from './commander.js';
import type { LaneDirectory } from './directory.js';
import { FaultCount } from './faults.js';
import type { Frames } from './frames.js';
import type { Batch, Ingest } from './ingest.js';
import type { ReplicaSource } from './replica.js';

type Hello = Extract<Up, { type: 'hello' }>;

/** `ws` close codes: 1008 policy violation; ours from the private range. */
export const CLOSE = { policy: 1008, unauthorised: 4401, silent: 4408, replaced: 4409, goingAway: 1001 } as const;

export interface ConnectionTools {
  readonly clock: Clock;
  readonly ingest: Ingest;
  readonly replica: ReplicaSource;
  readonly directory: LaneDirectory;
  readonly commander: Commander;
  readonly frames: Frames;
  readonly report: (error: unknown) => void;
}

/** Malformed messages that a peer may send in a minute. */
const FAULTS = 30;
const MARK_EVERY = 10_000;
/** A gateway sends its clock every second. */
const SILENCE = 15_000;
/** Batches taken in but not yet stored; beyond it the socket is not read. */
const BACKLOG = 4;
/** Bytes that the gateway has not taken yet: above it nothing that can be had later is added. */
const CONGESTED = 1_048_576;

/** One gateway that has proved who it is. */
export class GatewayConnection implements Commanded {
  readonly gateway: Origin;
  readonly #epoch: Epoch;
  readonly #socket: WebSocket;
  readonly #tools: ConnectionTools;
  readonly #faults = new FaultCount(FAULTS);
  #stamp: Commanded['stamp'] = null;
  #sent: ReplicaVersion | null;
  #batches: Promise<void> = Promise.resolve();
  #waiting = 0;
  #heardAt: number;
  #flushing = false;
  #stopTicking: () => void = () => undefined;

  constructor(socket: WebSocket, hello: Hello, tools: ConnectionTools) {
    this.gateway = hello.gateway;
    this.#epoch = hello.epoch;
    this.#socket = socket;
    this.#tools = tools;
    this.#sent = hello.replica;
    this.#heardAt = tools.clock.monotonic();
  }

  get stamp(): Commanded['stamp'] {
    return this.#stamp;
  }

  /** Takes in what the gateway sent and sends, `early` messages first. */
  listen(early: readonly [RawData, boolean][]): void {
    for (const [data, isBinary] of early) this.#take(data, isBinary);
    this.#socket.on('message', (data, isBinary) => this.#take(data, isBinary));
  }

  /** Says welcome and keeps the gateway up to date from now on. */
  async start(uploadToken: string): Promise<void> {
    const { ingest, clock } = this.#tools;
    this.send({ type: 'welcome', mark: await ingest.mark(this.gateway, this.#epoch), upload_token: uploadToken });
    // It may have gone away while the database answered; its timer would outlive it.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.flushReplica();
    const tick = () => {
      this.#stopTicking = clock.after(MARK_EVERY, () => {
        // A peer that we do not read, because its batches wait for the database, is not a silent one.
        if (this.#waiting < BACKLOG && clock.monotonic() - this.#heardAt > SILENCE) {
          this.close(CLOSE.silent, 'nothing heard');
          return;
        }
        this.#enqueue(async () => this.#sendMark(await ingest.mark(this.gateway, this.#epoch)));
        this.flushReplica();
        tick();
      });
    };
    tick();
  }

  send(message: Down): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  get isCongested(): boolean {
    return this.#socket.bufferedAmount > CONGESTED;
  }

  close(code: number, reason: string): void {
    this.#stopTicking();
    this.#socket.close(code, reason);
    // A peer that does not answer the close is not waited for: its name must be free for its successor.
    this.#tools.clock.after(1_000, () => this.#socket.terminate());
  }

  stopped(): void {
    this.#stopTicking();
  }

  /** Sends what the gateway's replica lacks; changes that come close together go together. */
  flushReplica(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#tools.clock.after(0, () => {
      this.#flushing = false;
      if (this.isCongested) return;
      for (const { from, to, changes } of this.#tools.replica.stepsFrom(this.#sent)) {
        this.send({ type: 'replica', from, to, changes: changes as Extract<Down, { type: 'replica' }>['changes'] });
        this.#sent = to;
      }
    });
  }

  watch(lane: GateId, duration: number): void {
    if (!this.isCongested) this.send({ type: 'watch', lane, duration });
  }

  #take(data: RawData, isBinary: boolean): void {
    this.#heardAt = this.#tools.clock.monotonic();
    try {
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
      if (isBinary) this.#takeFrame(bytes);
      else this.#handle(parseMessage<Up>(Up, bytes.toString('utf8')));
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    const code = codeOf(error);
    if (code === undefined) this.#tools.report(error);
    const detail = error instanceof CodedError ? { ...error.detail, message: error.message } : { message: 'refused' };
    this.send({ type: 'error', code: code ?? 'internal_error', detail: JSON.stringify(detail).slice(0, 500) });
    if (this.#faults.add(this.#tools.clock.monotonic())) this.close(CLOSE.policy, 'too many malformed messages');
  }

  #takeFrame(bytes: Buffer): void {
    const { lane, jpeg } = unpackFrame(bytes);
    if (this.#tools.directory.lane(lane)?.gateway !== this.gateway)
      throw new CodedError('unknown_lane', 'Not your lane', { lane });
    this.#tools.frames.put(lane, jpeg);
  }

  #handle(message: Up): void {
    const { clock, replica, directory, commander } = this.#tools;
    switch (message.type) {
      case 'hello':
        throw new CodedError('bad_message', 'Already greeted');
      case 'batch':
        this.#takeBatch(message);
        break;
      case 'replica_ack':
        replica.acknowledge(this.gateway, message.version);
        break;
      case 'command_result': {
        const { id, outcome, detail } = message;
        commander.answer(this.gateway, { id, outcome, detail });
        break;
      }
      case 'live':
        if (!directory.heard(this.gateway, message.lane)) throw new CodedError('unknown_lane', 'Not your lane');
        break;
      case 'clock':
        this.#stamp = { boot: message.boot, mono: message.mono, heardAt: clock.monotonic() };
        this.send({ type: 'clock', mono: message.mono, hub_wall: clock.wall() });
        break;
      case 'error':
        this.#tools.report(new CodedError(message.code, message.detail, { gateway: this.gateway }));
        break;
      default:
        message satisfies never;
    }
  }

  #takeBatch(batch: Batch): void {
    this.#waiting += 1;
    if (this.#waiting >= BACKLOG) this.#socket.pause();
    this.#enqueue(async () => {
      try {
        const { mark, problem } = await this.#tools.ingest.accept(this.gateway, batch);
        if (problem !== null) {
          this.send({ type: 'error', code: problem, detail: JSON.stringify({ epoch: batch.epoch, from: batch.from }) });
        }
        this.#sendMark(mark);
      } finally {
        this.#waiting -= 1;
        if (this.#waiting === BACKLOG - 1) {
          this.#heardAt = this.#tools.clock.monotonic();
          this.#socket.resume();
        }
      }
    });
  }

  /** One after another; a failure of the database is told to the gateway, which comes again, and to the log. */
  #enqueue(work: () => Promise<void>): void {
    this.#batches = this.#batches.then(work).catch((error: unknown) => {
      this.#tools.report(error);
      this.send({ type: 'error', code: codeOf(error) ?? 'internal_error', detail: 'not stored; send it again later' });
    });
  }

  /** Nothing is settled before there is a backup that could bring it back: gateways keep everything. */
  #sendMark(mark: Mark | null): void {
    this.send({ type: 'mark', mark, settled: 0 });
  }
}
