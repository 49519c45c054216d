import type { Cancel, Clock } from '@palang/contract/clock';
import { codeOf } from '@palang/contract/errors';
import type { Digest } from '@palang/contract/ids';
import type { Photos } from '../ports/photos.js';

/** Where photos are kept. */
export interface PhotoFolder extends Photos {
  /** @returns what is there. */
  open(): Promise<Digest[]>;
  remove(digest: Digest): Promise<void>;
  /** Out of the queue, but kept. */
  setAside(digest: Digest): Promise<void>;
}

export interface OutboxDependencies {
  readonly folder: PhotoFolder;
  readonly clock: Clock;
  /** @throws CodedError as HubHttp.putPhoto. */
  upload(digest: Digest, jpeg: Uint8Array, token: string): Promise<void>;
  log(level: 'warn' | 'error', message: string, detail: Record<string, unknown>): void;
}

const PAUSE_FIRST = 500;
const PAUSE_MOST = 60_000;

/** Photos wait on the disk until the hub has them, and go one at a time, in the background of everything else. */
export class PhotoOutbox implements Photos {
  readonly #deps: OutboxDependencies;
  readonly #waiting = new Set<Digest>();
  #token: string | null = null;
  #busy = false;
  #pause: Cancel | null = null;
  #failures = 0;

  constructor(dependencies: OutboxDependencies) {
    this.#deps = dependencies;
  }

  async open(): Promise<void> {
    for (const digest of await this.#deps.folder.open()) this.#waiting.add(digest);
  }

  stop(): void {
    this.linked(null);
  }

  /** The upload token of the connection, null when there is none. */
  linked(token: string | null): void {
    this.#token = token;
    this.#pause?.();
    this.#failures = 0;
    this.#next();
  }

  async put(jpeg: Uint8Array): Promise<Digest> {
    const digest = await this.#deps.folder.put(jpeg);
    this.#waiting.add(digest);
    this.#next();
    return digest;
  }

  get(digest: Digest): Promise<Uint8Array | null> {
    return this.#deps.folder.get(digest);
  }

  #next(): void {
    const [digest] = this.#waiting;
    const token = this.#token;
    if (this.#busy || token === null || digest === undefined) return;
    this.#busy = true;
    this.#upload(digest, token).then(
      () => this.#done(0),
      (error: unknown) => this.#failed(digest, error),
    );
  }

  async #upload(digest: Digest, token: string): Promise<void> {
    const { folder, upload } = this.#deps;
    const jpeg = await folder.get(digest);
    if (jpeg !== null) {
      try {
        await upload(digest, jpeg, token);
        await folder.remove(digest);
      } catch (error) {
        if (codeOf(error) !== 'photo_refused') throw error;
        await folder.setAside(digest);
        this.#deps.log('error', 'The hub will not take a photo; it is kept here', { digest });
      }
    }
    this.#waiting.delete(digest);
  }

  #done(pause: number): void {
    this.#busy = false;
    if (pause === 0) {
      this.#failures = 0;
      this.#next();
    } else this.#pause = this.#deps.clock.after(pause, () => this.#next());
  }

  #failed(digest: Digest, error: unknown): void {
    this.#failures += 1;
    this.#deps.log('warn', 'A photo waits', { digest, error: String(error), failures: this.#failures });
    // To the end of the queue: one bad photo must not hold up the others.
    this.#waiting.delete(digest);
    this.#waiting.add(digest);
    this.#done(Math.min(PAUSE_MOST, PAUSE_FIRST * 2 ** Math.min(this.#failures - 1, 10)));
  }
}
