import type { Cancel, Clock } from '@palang/contract/clock';
import { codeOf } from '@palang/contract/errors';
import type { Origin } from '@palang/contract/ids';
import { Down, helloText, parseMessage, type Up } from '@palang/contract/link/envelope';
import type { JournalFeed } from '../ports/journal.js';
import type { LaneService } from '../ports/lanes.js';
import type { Notes } from '../ports/notes.js';
import type { Stamps } from '../ports/stamps.js';
import type { ReplicaUpdate } from '../replica/replica.js';
import { Live } from './live.js';
import { Orders } from './orders.js';
import { Shipper } from './shipper.js';
import type { LinkSocket } from './socket.js';

/** What the link keeps up to date in the replica. */
export interface ReplicaTarget {
  readonly version: string | null;
  apply(update: ReplicaUpdate): number;
  acknowledged(seq: number): void;
  disconnected(): void;
}

export interface LinkDependencies {
  readonly gateway: Origin;
  readonly software: string;
  readonly clock: Clock;
  readonly stamps: Stamps;
  readonly feed: JournalFeed;
  readonly notes: Notes;
  readonly replica: ReplicaTarget;
  readonly lanes: ReadonlyMap<string, LaneService>;
  /** Ed25519 signature of the text, base64. */
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
  /** The hub knows records of this epoch that the journal does not have: the journal is an older copy of itself, and nothing it adds can be shipped. */
  outdated(detail: Record<string, unknown>): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, detail?: Record<string, unknown>): void;
}

export interface SessionListener {
  /** The hub has accepted this gateway. */
  linked(uploadToken: string): void;
  /** The session is of no more use; the socket is to be closed. */
  ended(reason: string): void;
}

interface Linked {
  readonly shipper: Shipper;
  readonly live: Live;
}

/** A hub that says nothing for so long is taken for gone, ms: it answers a clock message every second. */
const SILENCE = 10_000;
const TICK = 1_000;
/** What a hub says before the mark when it does not take a batch. */
const BATCH_REFUSALS: ReadonlySet<string> = new Set(['gap', 'chain_mismatch', 'conflict']);

/**
 * The link's protocol on one connection, apart from the socket. What the hub says wrongly is counted and answered with a typed error; it ends nothing.
 */
export class LinkSession {
  readonly #deps: LinkDependencies;
  readonly #socket: LinkSocket;
  readonly #listener: SessionListener;
  #orders: Orders | null = null;
  #linked: Linked | null = null;
  #silence: Cancel;
  #tick: Cancel | null = null;
  #ended = false;
  /** Messages that were not understood. */
  malformed = 0;

  constructor(dependencies: LinkDependencies, socket: LinkSocket, listener: SessionListener) {
    this.#deps = dependencies;
    this.#socket = socket;
    this.#listener = listener;
    this.#silence = this.#awaitHub();
  }

  /** To be called when the socket is closed, whoever closed it. */
  close(): void {
    this.#ended = true;
    this.#silence();
    this.#tick?.();
    this.#linked?.shipper.stop();
    this.#linked?.live.stop();
    this.#deps.replica.disconnected();
  }

  text(message: string): void {
    if (this.#ended) return;
    this.#silence();
    this.#silence = this.#awaitHub();
    try {
      this.#take(parseMessage(Down, message));
    } catch (error) {
      this.#refuse(codeOf(error) ?? 'internal', error);
      // Our own failure on a message must not stop the lanes; the connection begins anew, with pauses.
      if (codeOf(error) === undefined) this.#end(`a message could not be taken: ${String(error)}`);
    }
  }

  #take(message: Down): void {
    if (message.type === 'challenge') this.#greet(message.nonce, message.hub_epoch);
    else if (message.type === 'welcome') this.#begin(message);
    else if (message.type === 'error') {
      this.#deps.log('warn', 'The hub reports an error', { code: message.code, detail: message.detail });
      if (BATCH_REFUSALS.has(message.code)) this.#linked?.shipper.refused();
    } else if (this.#linked === null) this.#refuse('out_of_turn', new Error(`${message.type} before welcome`));
    else this.#serve(message, this.#linked);
  }

  #serve(message: Exclude<Down, { type: 'challenge' | 'welcome' | 'error' }>, linked: Linked): void {
    switch (message.type) {
      case 'mark':
        this.#marked(linked.shipper, message.mark, message.settled);
        break;
      case 'replica':
        this.#replicate(message);
        break;
      case 'command':
        this.#command(message.text, message.signature);
        break;
      case 'watch':
        if (this.#deps.lanes.has(message.lane)) linked.live.watch(message.lane, message.duration);
        else this.#refuse('unknown_lane', new Error(message.lane));
        break;
      case 'clock':
        this.#measure(message.mono, message.hub_wall);
        break;
    }
  }

  #greet(nonce: string, hubEpoch: string): void {
    const { gateway, feed, stamps, replica, lanes, software } = this.#deps;
    if (this.#orders !== null) {
      this.#refuse('out_of_turn', new Error('a second challenge'));
      return;
    }
    this.#orders = new Orders({ ...this.#deps, boot: stamps.boot, monotonic: () => this.#now() }, hubEpoch);
    this.#send({
      type: 'hello',
      protocol: 1,
      gateway,
      signature: this.#deps.sign(helloText(gateway, nonce)),
      epoch: feed.epoch,
      durable_seq: feed.durableSeq,
      boot: stamps.boot,
      replica: replica.version,
      lanes: [...lanes.values()].map((lane) => lane.description),
      software,
    });
  }

  #begin(welcome: Extract<Down, { type: 'welcome' }>): void {
    if (this.#linked !== null || this.#orders === null) {
      this.#refuse('out_of_turn', new Error('welcome out of turn'));
      return;
    }
    const send = (message: Up): void => this.#send(message);
    const bufferedAmount = (): number => this.#socket.bufferedAmount;
    const shipper = new Shipper({
      feed: this.#deps.feed,
      clock: this.#deps.clock,
      send,
      bufferedAmount,
      diverged: (reason, detail) => {
        this.#deps.log('error', 'The hub does not hold the same history', { reason, ...detail });
        send({ type: 'error', code: reason, detail: JSON.stringify(detail) });
        if (reason === 'mark_ahead') this.#deps.outdated(detail);
      },
      stuck: (reason) => this.#end(reason),
    });
    // The stamp that commands quote comes first, so that the hub can command at once.
    this.#everySecond();
    const sendFrame = (frame: Uint8Array): void => this.#socket.send(frame);
    const live = new Live({ lanes: this.#deps.lanes, clock: this.#deps.clock, send, sendFrame, bufferedAmount });
    this.#linked = { shipper, live };
    this.#listener.linked(welcome.upload_token);
    this.#marked(shipper, welcome.mark, 0);
  }

  #marked(shipper: Shipper, mark: Extract<Down, { type: 'mark' }>['mark'], settled: number): void {
    const { feed, replica } = this.#deps;
    feed.acknowledged(mark, settled);
    replica.acknowledged(mark !== null && mark.epoch === feed.epoch ? mark.seq : 0);
    shipper.marked(mark).catch((error: unknown) => this.#end(String(error)));
  }

  #replicate(update: Extract<Down, { type: 'replica' }>): void {
    try {
      const skipped = this.#deps.replica.apply(update);
      this.#send({ type: 'replica_ack', version: update.to, skipped });
    } catch (error) {
      if (codeOf(error) !== 'replica_gap') throw error;
      this.#refuse('replica_gap', error);
      // The next hello says which version is really here.
      this.#end('the replica has a gap');
    }
  }

  #command(text: string, signature: string): void {
    this.#orders?.carryOut(text, signature).then(
      ({ id, outcome, detail }) => {
        this.#deps.log('info', 'Command from the hub', { id, outcome });
        if (id === null) this.#refuse(outcome, new Error('not a command'));
        else this.#send({ type: 'command_result', id, outcome, detail });
      },
      (error: unknown) => this.#refuse('internal', error),
    );
  }

  #measure(sentAt: number, hubWall: number): void {
    const now = this.#now();
    if (sentAt > now || now - sentAt > SILENCE) {
      this.#refuse('bad_clock', new Error('not a stamp of ours'));
      return;
    }
    this.#deps.stamps.measured(sentAt, now, hubWall);
  }

  #everySecond(): void {
    this.#send({ type: 'clock', boot: this.#deps.stamps.boot, mono: this.#now() });
    this.#linked?.live.tick();
    this.#tick = this.#deps.clock.after(TICK, () => this.#everySecond());
  }

  #refuse(code: string, error: unknown): void {
    this.malformed += 1;
    const detail = error instanceof Error ? error.message : String(error);
    this.#deps.log('warn', 'A message of the hub was not understood', { code, detail, count: this.malformed });
    this.#send({ type: 'error', code, detail: detail.slice(0, 500) });
  }

  #awaitHub(): Cancel {
    return this.#deps.clock.after(SILENCE, () => this.#end('the hub is silent'));
  }

  #end(reason: string): void {
    if (!this.#ended) this.#listener.ended(reason);
  }

  #send(message: Up): void {
    if (!this.#ended) this.#socket.send(JSON.stringify(message));
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }
}
