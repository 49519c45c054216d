import type { ServerMessage } from '@palang/contract/live/messages';

/** Above this much unsent, a slow reader gets nothing more until it has caught up. */
const BEHIND = 1_048_576;
const CAUGHT_UP = 65_536;
/** News held back while a status is being read; beyond it the reader is treated as slow. */
const MAX_HELD = 500;

/** As much of a `ws` socket as sending needs; tests bring their own. */
export interface RawSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
}

/**
 * Sends to one operator. The first message is a status. What a slow reader misses is not kept for it: once it has caught up it
 * gets a fresh status, which says more than a queue of old news.
 */
export class OperatorChannel {
  readonly #socket: RawSocket;
  readonly #askForStatus: () => void;
  /** News that must not overtake a status that is being read; null while none is. */
  #held: string[] | null = null;
  /** Statuses that are being read: the news waits for the last of them, or an older status would follow it. */
  #reading = 0;
  #behind = false;

  /** @param askForStatus shall end in a call of `sendStatus`. */
  constructor(socket: RawSocket, askForStatus: () => void) {
    this.#socket = socket;
    this.#askForStatus = askForStatus;
  }

  /** Sends a fresh status, the first one or another. */
  begin(): void {
    this.#held ??= [];
    this.#reading += 1;
    this.#askForStatus();
  }

  sendStatus(status: ServerMessage): void {
    this.#reading -= 1;
    const held = this.#held ?? [];
    this.#held = null;
    this.sendText(JSON.stringify(status));
    if (this.#reading > 0) {
      this.#held = held;
      return;
    }
    for (const text of held) this.sendText(text);
  }

  /** An answer to this operator's own request: never held back, never dropped. */
  answer(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** `text` is a ServerMessage that was serialised once for everybody. */
  sendText(text: string): void {
    if (this.#socket.bufferedAmount > BEHIND) this.#behind = true;
    if (this.#behind) this.catchUp();
    else if (this.#held === null) this.#socket.send(text);
    else if (this.#held.length < MAX_HELD) this.#held.push(text);
    else this.#behind = true;
  }

  /** To be called now and then: a channel with nothing new to send would stay behind otherwise. */
  catchUp(): void {
    if (!this.#behind || this.#socket.bufferedAmount > CAUGHT_UP) return;
    this.#behind = false;
    // A fresh status says more than what was held back before it.
    this.#held = [];
    this.begin();
  }
}
