import { connect, type Socket } from 'node:net';
import type { Cancel, Clock } from '@palang/contract/clock';
import { Lines } from './lines.js';
import { type Answer, parseAnswer, type Request } from './messages.js';

const BACK_OFF = [250, 500, 1_000, 2_000, 5_000] as const;
const CONNECT_MS = 3_000;
/** A line that is cut says nothing: it is asked, and has to answer. */
const ASK_EVERY_MS = 5_000;
const ANSWER_MS = 5_000;

export interface Peer {
  online(): void;
  offline(reason: string): void;
}

export interface Conversation {
  /** Each answer to the request, until `over` or `close`. */
  answer(answer: Answer): void;
  /** The link was lost first. */
  lost(reason: string): void;
}

/** One TCP connection to the terminal, made anew whenever it is lost. Numbers requests and brings answers to who asked. */
export class TerminalLink {
  readonly #host: string;
  readonly #port: number;
  readonly #clock: Clock;
  readonly #peer: Peer;
  readonly #open = new Map<string, Conversation>();
  #socket: Socket | null = null;
  #online: boolean | null = null;
  #failures = 0;
  #ids = 0;
  #running = false;
  /** The one thing that is waited for: the next attempt, the connection, or the next question. */
  #timer: Cancel = () => undefined;

  /** Lines that were no answer, or an answer to nothing asked. */
  discarded = 0;

  constructor({ host, port, clock }: { host: string; port: number; clock: Clock }, peer: Peer) {
    this.#host = host;
    this.#port = port;
    this.#clock = clock;
    this.#peer = peer;
  }

  get online(): boolean {
    return this.#online === true;
  }

  start(): void {
    this.#running = true;
    this.#connect();
  }

  stop(): void {
    this.#running = false;
    this.#drop('stopped', false);
  }

  /** False when there is no link: nothing was sent and nothing will be. Returns what ends the conversation. */
  ask(request: Request, conversation: Conversation): Cancel | false {
    const socket = this.#socket;
    if (socket === null || !this.online) return false;
    return this.#send(socket, request, conversation);
  }

  #send(socket: Socket, request: Request, conversation: Conversation): Cancel {
    this.#ids += 1;
    const id = `${this.#ids}`;
    this.#open.set(id, conversation);
    socket.write(`${JSON.stringify({ id, ...request })}\n`);
    return () => this.#open.delete(id);
  }

  #connect(): void {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#socket = socket;
    const lines = new Lines((line) => this.#line(line));
    socket.on('data', (chunk) => {
      if (this.#socket === socket) lines.push(chunk);
    });
    let reason = 'the connection was closed';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#drop(reason, true);
    });
    socket.on('connect', () => {
      if (this.#socket !== socket) return;
      this.#timer();
      this.#checkHealth(socket);
    });
    this.#timer = this.#clock.after(CONNECT_MS, () => this.#drop('no connection in time', true));
  }

  #checkHealth(socket: Socket): void {
    let stopWaiting: Cancel = () => undefined;
    const over = this.#send(
      socket,
      { op: 'status' },
      {
        lost: () => stopWaiting(),
        answer: () => {
          over();
          stopWaiting();
          this.#heard();
          this.#timer = this.#clock.after(ASK_EVERY_MS, () => this.#checkHealth(socket));
        },
      },
    );
    stopWaiting = this.#clock.after(ANSWER_MS, () => this.#drop('it does not answer', true));
  }

  #heard(): void {
    this.#failures = 0;
    if (this.#online === true) return;
    this.#online = true;
    this.#peer.online();
  }

  #line(line: string | null): void {
    const answer = line === null ? null : parseAnswer(line);
    const conversation = answer === null ? undefined : this.#open.get(answer.id);
    if (answer === null || conversation === undefined) this.discarded += 1;
    else conversation.answer(answer);
  }

  #drop(reason: string, again: boolean): void {
    this.#timer();
    this.#socket?.destroy();
    this.#socket = null;
    const lost = [...this.#open.values()];
    this.#open.clear();
    const wasKnownAway = this.#online === false;
    this.#online = again ? false : null;
    if (again && this.#running) {
      const wait = BACK_OFF[Math.min(this.#failures, BACK_OFF.length - 1)] ?? 0;
      this.#failures += 1;
      this.#timer = this.#clock.after(wait, () => this.#connect());
    }
    for (const conversation of lost) conversation.lost(reason);
    if (again && !wasKnownAway) this.#peer.offline(reason);
  }
}
