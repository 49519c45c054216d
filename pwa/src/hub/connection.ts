import type { Me } from '@palang/contract/api/shapes';
import { codeOf } from '@palang/contract/errors';
import type { ClientMessage, ServerMessage } from '@palang/contract/live/messages';
import { type Link, lost, PING_EVERY, SILENT_AFTER } from './link.js';
import { readMessage } from './message.js';
import { reconnectDelay } from './reconnect.js';

export interface Socket {
  send(text: string): void;
  close(): void;
}
export interface SocketHandlers {
  message(frame: unknown): void;
  closed(): void;
}

/** What the connection needs of its surroundings. */
export interface ConnectionPorts {
  now(): number;
  /** A random number in [0, 1). */
  unit(): number;
  /** Calls once after `delay` ms; returns what cancels it. */
  after(delay: number, action: () => void): () => void;
  /** Who is signed in. Throws CodedError `unauthenticated`, or `unreachable` and the like. */
  me(): Promise<Me>;
  open(handlers: SocketHandlers): Socket;
}

/** What the connection tells its owner. */
export interface ConnectionListener {
  link(link: Link): void;
  /** null: the hub answers, and nobody is signed in. */
  me(me: Me | null): void;
  message(message: ServerMessage): void;
  /** A frame that is no message of the contract. */
  discarded(): void;
  /** A fresh socket is up: whole lists should be read again. */
  opened(): void;
}

/**
 * Keeps one WebSocket to the hub for ever. Who is signed in is asked over HTTP before each attempt, because a refused upgrade does not
 * tell a browser why. A hub that stays silent is taken for lost, whatever the network says. Nothing sent is ever kept for later.
 */
export class Connection {
  readonly #ports: ConnectionPorts;
  readonly #listener: ConnectionListener;
  #link: Link;
  #socket: Socket | null = null;
  /** Rises with every attempt and stop: what belongs to an earlier one is ignored. */
  #generation = 0;
  #attempts = 0;
  #unansweredSince: number | null = null;
  #cancel: () => void = () => {};

  constructor(ports: ConnectionPorts, listener: ConnectionListener) {
    this.#ports = ports;
    this.#listener = listener;
    this.#link = { state: 'connecting', since: 0 };
  }

  start(): void {
    this.stop();
    this.#attempts = 0;
    this.#tell({ state: 'connecting', since: this.#ports.now() });
    this.#try();
  }

  stop(): void {
    this.#generation += 1;
    this.#cancel();
    this.#socket?.close();
    this.#socket = null;
    this.#unansweredSince = null;
  }

  /** The device woke up, came back to this page, or its network returned: find out now instead of at the next timer. */
  wake(): void {
    if (this.#link.state === 'offline' && this.#link.retryAt !== null) this.#try();
    else if (this.#link.state === 'online') this.#beat(this.#generation);
  }

  /** Sends now or not at all; false when there is no connection. */
  send(message: ClientMessage): boolean {
    if (this.#socket === null || this.#link.state !== 'online') return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #try(): void {
    this.stop();
    const generation = this.#generation;
    this.#attempts += 1;
    if (this.#link.state === 'offline') this.#tell({ ...this.#link, retryAt: null });
    this.#ports.me().then(
      (me) => {
        if (generation !== this.#generation) return;
        this.#listener.me(me);
        this.#open(generation);
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        if (codeOf(error) === 'unauthenticated') this.#listener.me(null);
        else this.#lose('unreachable');
      },
    );
  }

  #open(generation: number): void {
    const opening = this.#ports.now();
    let greeted = false;
    this.#cancel = this.#ports.after(SILENT_AFTER, () => this.#lose('silent'));
    this.#socket = this.#ports.open({
      closed: () => {
        if (generation === this.#generation) this.#lose('closed');
      },
      message: (frame) => {
        if (generation !== this.#generation) return;
        const message = readMessage(frame);
        if (message === null) return this.#listener.discarded();
        this.#heard(message, opening);
        if (!greeted) {
          greeted = true;
          this.#attempts = 0;
          this.#listener.opened();
          this.#cancel();
          this.#beat(generation);
        }
        this.#listener.message(message);
      },
    });
  }

  #heard(message: ServerMessage, opening: number): void {
    const now = this.#ports.now();
    this.#unansweredSince = null;
    const before = this.#link.state === 'online' ? this.#link : { since: opening, roundTrip: null };
    const sent = message.type === 'pong' ? message.payload.sent : undefined;
    const roundTrip = sent === undefined ? before.roundTrip : Math.max(0, now - sent);
    this.#tell({ state: 'online', since: before.since, heardAt: now, roundTrip });
  }

  #beat(generation: number): void {
    if (generation !== this.#generation) return;
    const now = this.#ports.now();
    if (this.#unansweredSince !== null && now - this.#unansweredSince > SILENT_AFTER) {
      this.#lose('silent');
      return;
    }
    this.#cancel();
    this.#cancel = this.#ports.after(PING_EVERY, () => this.#beat(generation));
    this.#unansweredSince ??= now;
    this.send({ type: 'ping', payload: { sent: now } });
    // Changes arrive by themselves; the status says how long ago the hub heard of each lane when nothing changes.
    this.send({ type: 'request_system_status', payload: {} });
  }

  #lose(reason: 'unreachable' | 'silent' | 'closed'): void {
    this.stop();
    const now = this.#ports.now();
    const delay = reconnectDelay(Math.max(1, this.#attempts), this.#ports.unit());
    this.#tell({ ...lost(this.#link, reason, now), retryAt: now + delay } as Link);
    this.#cancel = this.#ports.after(delay, () => this.#try());
  }

  #tell(link: Link): void {
    this.#link = link;
    this.#listener.link(link);
  }
}
