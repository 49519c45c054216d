import { CodedError } from '@palang/contract/errors';
import type { ClientMessage, ServerMessage } from '@palang/contract/live/messages';

/** What the browser's WebSocket and the one of `ws` have in common. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface LiveOptions {
  /** For example `ws://hub.local:8000/ws`. */
  readonly url: string;
  readonly connect: (url: string) => SocketLike;
  /** Reconnections in a row before it gives up; Infinity for ever. */
  readonly attempts?: number;
  /** The first wait, ms; each further one is twice as long up to 30 s, and a random part of it is waited. */
  readonly firstWait?: number;
  /** ms until a request without an answer is given up. */
  readonly timeout?: number;
  readonly random?: () => number;
}

/** What happens to the connection itself. */
export interface ConnectionEvents {
  connected: Record<never, never>;
  disconnected: { readonly code: number; readonly retryIn: number | null };
  /** It will not try again by itself; `open` does. */
  gave_up: { readonly attempts: number };
}

type Payload<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>['payload'];
export type LiveEvents = { [T in ServerMessage['type']]: Payload<T> } & ConnectionEvents;
type Listener = (payload: never) => void;

const LONGEST_WAIT = 30_000;

interface Waiting {
  readonly resolve: (message: ServerMessage) => void;
  readonly reject: (error: CodedError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The operator WebSocket: events by name, requests with their answers, and reconnection with back-off. */
export class Live {
  readonly #options: Required<LiveOptions>;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #waiting = new Map<string, Waiting>();
  /** The connection, once it is open. */
  #socket: SocketLike | null = null;
  /** A connection is being made, or its end is still to come: there is never a second one beside it. */
  #busy = false;
  #wanted = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #requests = 0;
  /** Messages that were not understood. */
  malformed = 0;

  constructor(options: LiveOptions) {
    this.#options = { attempts: 5, firstWait: 500, timeout: 10_000, random: Math.random, ...options };
  }

  /** Connects, and connects again whenever the connection is lost. Also cuts a waiting time short (a tablet that woke up). */
  open(): void {
    this.#wanted = true;
    this.#failures = 0;
    if (!this.#busy) this.#connect();
  }

  close(): void {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#socket?.close(1000, 'bye');
  }

  /** Returns a function that stops listening. */
  on<Name extends keyof LiveEvents>(name: Name, listener: (payload: LiveEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /**
   * Sends a request now or not at all; nothing is kept for a later connection.
   * @throws CodedError `disconnected`, `no_answer` (whether it was carried out is unknown), or the hub's own code.
   */
  request<Type extends ClientMessage['type']>(
    type: Type,
    payload: Extract<ClientMessage, { type: Type }>['payload'],
  ): Promise<ServerMessage> {
    const socket = this.#socket;
    if (socket === null) return Promise.reject(new CodedError('disconnected', 'There is no connection to the hub'));
    const id = String(++this.#requests);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new CodedError('no_answer', 'The hub did not answer in time'));
      }, this.#options.timeout);
      this.#waiting.set(id, { resolve, reject, timer });
      socket.send(JSON.stringify({ type, id, payload }));
    });
  }

  /** Sends a message that has no answer, such as watching a camera. False when there is no connection. */
  tell(message: ClientMessage): boolean {
    this.#socket?.send(JSON.stringify(message));
    return this.#socket !== null;
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const socket = this.#options.connect(this.#options.url);
    this.#busy = true;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#socket = socket;
      this.#failures = 0;
      if (this.#wanted) this.#emit('connected', {});
      else socket.close(1000, 'bye');
    };
    socket.onmessage = (event: { readonly data: unknown }) => this.#receive(event.data);
    // The close event that follows says what is to be said.
    socket.onerror = () => {};
    socket.onclose = (event: { readonly code: number }) => {
      if (opened) this.#socket = null;
      this.#busy = false;
      this.#lost(event.code);
    };
  }

  #lost(code: number): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new CodedError('no_answer', 'The connection was lost before the hub answered'));
    }
    this.#waiting.clear();
    this.#failures += 1;
    const again = this.#wanted && this.#failures <= this.#options.attempts;
    const longest = Math.min(LONGEST_WAIT, this.#options.firstWait * 2 ** (this.#failures - 1));
    const retryIn = again ? longest * (0.5 + this.#options.random() / 2) : null;
    this.#emit('disconnected', { code, retryIn });
    if (retryIn !== null) this.#retry = setTimeout(() => this.#connect(), retryIn);
    else if (this.#wanted) this.#emit('gave_up', { attempts: this.#options.attempts });
  }

  #receive(data: unknown): void {
    const message = parse(data);
    if (message === null) {
      this.malformed += 1;
      return;
    }
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (message.id !== undefined && waiting !== undefined) {
      this.#waiting.delete(message.id);
      clearTimeout(waiting.timer);
      if (message.type === 'error') waiting.reject(new CodedError(message.payload.code, message.payload.detail));
      else waiting.resolve(message);
    }
    this.#emit(message.type, message.payload as never);
  }

  #emit<Name extends keyof LiveEvents>(name: Name, payload: LiveEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never);
  }
}

/** The hub checks what it sends; here only the shape that we rely on is looked at. */
function parse(data: unknown): ServerMessage | null {
  try {
    const json: unknown = JSON.parse(String(data));
    if (typeof json !== 'object' || json === null || !('type' in json) || typeof json.type !== 'string') return null;
    return 'payload' in json ? (json as ServerMessage) : null;
  } catch {
    return null;
  }
}
