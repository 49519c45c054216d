import type { Cancel, Clock } from '@palang/contract/clock';
import type { Frame } from '../../ports/camera.js';
import { JpegScanner } from './jpegScanner.js';
import { type CameraError, type Exchange, get } from './request.js';

/** 5 frames a second. */
const LEAST_GAP_MS = 200;
/** Three seconds without a picture, and the stream is begun anew. */
const SILENCE_MS = 3_000;
const BACK_OFF = [500, 1_000, 2_000, 5_000] as const;

/** Hears of the health of the stream: each picture, each loss. */
export interface StreamHealth {
  picture(): void;
  lost(error: CameraError): void;
}

/** One MJPEG connection for all watchers, open while there is one. Each gets the newest picture at most every 200 ms; what came in between is skipped. */
export class Stream {
  readonly #url: URL;
  readonly #clock: Clock;
  readonly #health: StreamHealth;
  readonly #watchers = new Set<(frame: Frame) => void>();
  #exchange: Exchange | null = null;
  #stopWaiting: Cancel = () => undefined;
  #stopSilence: Cancel = () => undefined;
  #failures = 0;
  #newest: Frame | null = null;
  #stopPacing: Cancel | null = null;

  constructor(url: URL, clock: Clock, health: StreamHealth) {
    this.#url = url;
    this.#clock = clock;
    this.#health = health;
  }

  watch(onFrame: (frame: Frame) => void): () => void {
    const watcher = (frame: Frame) => onFrame(frame);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.#open();
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#watchers.clear();
    this.#stopWaiting();
    this.#stopSilence();
    this.#stopPacing?.();
    this.#stopPacing = null;
    this.#newest = null;
    this.#exchange?.abort();
    this.#exchange = null;
  }

  #open(): void {
    const scanner = new JpegScanner((jpeg) => this.#picture({ jpeg, at: this.#clock.monotonic() }));
    this.#exchange = get(this.#url, this.#clock, {
      silence: SILENCE_MS,
      data: (chunk) => scanner.push(chunk),
      end: () => this.#lost(null),
      failed: (error) => this.#lost(error),
    });
    this.#expectPicture();
  }

  /** A stream may talk without ever giving a whole picture. */
  #expectPicture(): void {
    this.#stopSilence();
    this.#stopSilence = this.#clock.after(SILENCE_MS, () => {
      this.#exchange?.abort();
      this.#lost(null);
    });
  }

  #picture(frame: Frame): void {
    this.#failures = 0;
    this.#expectPicture();
    this.#health.picture();
    this.#newest = frame;
    if (this.#stopPacing === null) this.#deliver();
  }

  #deliver(): void {
    const frame = this.#newest;
    this.#newest = null;
    this.#stopPacing = frame === null ? null : this.#clock.after(LEAST_GAP_MS, () => this.#deliver());
    if (frame !== null) for (const watcher of [...this.#watchers]) watcher(frame);
  }

  #lost(error: CameraError | null): void {
    this.#exchange = null;
    this.#stopSilence();
    const wait = BACK_OFF[Math.min(this.#failures, BACK_OFF.length - 1)] ?? 0;
    this.#failures += 1;
    this.#stopWaiting = this.#clock.after(wait, () => this.#open());
    if (error !== null) this.#health.lost(error);
  }
}
