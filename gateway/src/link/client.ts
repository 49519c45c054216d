import type { Cancel, Random } from '@palang/contract/clock';
import { type LinkDependencies, LinkSession } from './session.js';
import type { Dial, LinkSocket } from './socket.js';

export interface ClientDependencies extends LinkDependencies {
  readonly dial: Dial;
  readonly random: Random;
  /** The longest pause between two attempts, ms. */
  readonly longestPause: number;
  /** Resolves when this gateway can introduce itself (paired); called before every attempt. */
  ready(): Promise<void>;
}

const SHORTEST_PAUSE = 200;
/** A connection that stood this long was a success: the next pause is short again, ms. */
const STOOD = 5_000;

/** Keeps one connection to the hub, for ever. */
export class LinkClient {
  readonly #deps: ClientDependencies;
  readonly #onLinked = new Set<(uploadToken: string | null) => void>();
  #session: LinkSession | null = null;
  #socket: LinkSocket | null = null;
  #failures = 0;
  #pause: Cancel | null = null;
  #linkedAt: number | null = null;
  #running = false;

  constructor(dependencies: ClientDependencies) {
    this.#deps = dependencies;
  }

  get linked(): boolean {
    return this.#linkedAt !== null;
  }

  /** Told the upload token when the hub has accepted this gateway, null when the connection is lost. */
  onLinked(listener: (uploadToken: string | null) => void): () => void {
    this.#onLinked.add(listener);
    return () => this.#onLinked.delete(listener);
  }

  start(): void {
    this.#running = true;
    this.#attempt();
  }

  stop(): void {
    this.#running = false;
    this.#pause?.();
    this.#lost('stopped');
  }

  #attempt(): void {
    this.#deps.ready().then(
      () => {
        if (this.#running) this.#dial();
      },
      (error: unknown) => {
        this.#deps.log('warn', 'Not ready to link', { error: String(error) });
        this.#later();
      },
    );
  }

  #dial(): void {
    const socket = this.#deps.dial({
      opened: () => {
        if (this.#socket !== socket) return;
        this.#session = new LinkSession(this.#deps, socket, {
          linked: (uploadToken) => {
            this.#linkedAt = this.#deps.clock.monotonic();
            this.#deps.log('info', 'Linked to the hub');
            for (const listener of this.#onLinked) listener(uploadToken);
          },
          ended: (reason) => this.#lost(reason),
        });
      },
      text: (message) => {
        if (this.#socket === socket) this.#session?.text(message);
      },
      closed: (reason) => {
        if (this.#socket === socket) this.#lost(reason);
      },
    });
    this.#socket = socket;
  }

  #lost(reason: string): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    const stood = this.#linkedAt === null ? 0 : this.#deps.clock.monotonic() - this.#linkedAt;
    this.#failures = stood > STOOD ? 0 : this.#failures + 1;
    if (this.#linkedAt !== null) this.#deps.log('warn', 'The link to the hub is lost', { reason });
    else this.#deps.log('debug', 'No link to the hub', { reason });
    this.#session?.close();
    this.#session = null;
    socket.close();
    if (this.#linkedAt !== null) for (const listener of this.#onLinked) listener(null);
    this.#linkedAt = null;
    this.#later();
  }

  /** Full jitter, so that a site's gateways do not return all at once. */
  #later(): void {
    if (!this.#running) return;
    const most = Math.min(this.#deps.longestPause, SHORTEST_PAUSE * 2 ** Math.min(this.#failures, 12));
    const pause = SHORTEST_PAUSE + this.#deps.random.unit() * (most - SHORTEST_PAUSE);
    this.#pause = this.#deps.clock.after(pause, () => this.#attempt());
  }
}
