import type { Receipt } from '../../ports/receipt.js';
import type { BoardEvent, Status } from './messages.js';
import { ahead, further } from './serial.js';

/** Events that came before an earlier one: the board has four in flight at most. */
const HELD_LIMIT = 8;

export interface InboxPeer {
  /** Everything of `stream` up to and including `sequence` may be forgotten by the board. */
  acknowledge(stream: number, sequence: number): void;
  deliver(event: BoardEvent, receipt: Receipt): void;
  /** An event named a stream that no STATUS has named yet. */
  unknownStream(): void;
}

/**
 * Delivers the board's events in order and each once, whatever is sent again, lost or crossed on the wire, for as long as this object lives. What was not
 * acknowledged here is kept by the board. Acknowledging is cumulative on the wire; here each event has its own receipt.
 */
export class Inbox {
  readonly #peer: InboxPeer;
  #stream: number | null = null;
  /** The next sequence to deliver. */
  #next = 0;
  /** The next sequence to be acknowledged; everything before it is. */
  #unacknowledged = 0;
  readonly #done = new Set<number>();
  #held: BoardEvent[] = [];

  /** Events that came again, or out of all order. */
  discarded = 0;

  constructor(peer: InboxPeer) {
    this.#peer = peer;
  }

  /** True when everything that the board had to tell at that STATUS was delivered. */
  caughtUp(status: Status): boolean {
    return status.stream === this.#stream && ahead(this.#next, status.next_event) >= 0;
  }

  /** Learns which stream it is and what the board still keeps; repeats a lost acknowledgement. */
  status({ stream, next_event, pending }: Status): void {
    const oldest = further(next_event, -pending);
    if (stream !== this.#stream) this.#begin(stream, oldest);
    // Acknowledged by another host: those we will never see.
    else if (ahead(oldest, this.#next) > 0) this.#skipTo(oldest);
    if (pending > 0 && ahead(this.#unacknowledged, oldest) > 0) this.#acknowledge();
    this.#drain();
  }

  event(event: BoardEvent): void {
    if (event.stream !== this.#stream) {
      this.keep(event);
      this.#peer.unknownStream();
      return;
    }
    const distance = ahead(event.sequence, this.#next);
    if (distance < 0) {
      this.discarded += 1;
      // It would not come again if the board knew.
      if (ahead(this.#unacknowledged, event.sequence) > 0) this.#acknowledge();
    } else if (distance === 0) {
      this.#deliver(event);
      this.#drain();
    } else this.keep(event);
  }

  #begin(stream: number, oldest: number): void {
    this.#stream = stream;
    this.#done.clear();
    this.#next = oldest;
    this.#unacknowledged = oldest;
  }

  #skipTo(oldest: number): void {
    this.#next = oldest;
    this.#unacknowledged = oldest;
    this.#done.clear();
  }

  /** Keeps an event for after the next STATUS. */
  keep(event: BoardEvent): void {
    const known = this.#held.some((other) => other.stream === event.stream && other.sequence === event.sequence);
    if (known || this.#held.length >= HELD_LIMIT) this.discarded += 1;
    else this.#held.push(event);
  }

  #drain(): void {
    for (;;) {
      const next = this.#held.find((event) => event.stream === this.#stream && event.sequence === this.#next);
      if (next === undefined) break;
      this.#deliver(next);
    }
    this.#held = this.#held.filter((event) => event.stream === this.#stream && ahead(event.sequence, this.#next) > 0);
  }

  #deliver(event: BoardEvent): void {
    const { stream, sequence } = event;
    this.#next = further(sequence, 1);
    this.#peer.deliver(event, {
      id: { stream, sequence },
      acknowledge: () => this.#finished(stream, sequence),
    });
  }

  #finished(stream: number, sequence: number): void {
    if (stream !== this.#stream || ahead(sequence, this.#unacknowledged) < 0) return;
    this.#done.add(sequence);
    const before = this.#unacknowledged;
    while (this.#done.delete(this.#unacknowledged)) this.#unacknowledged = further(this.#unacknowledged, 1);
    if (this.#unacknowledged !== before) this.#acknowledge();
  }

  #acknowledge(): void {
    if (this.#stream !== null) this.#peer.acknowledge(this.#stream, further(this.#unacknowledged, -1));
  }
}
