import type { Cancel, Clock } from '@palang/contract/clock';
import { CodedError } from '@palang/contract/errors';
import type { Camera, Frame } from '../../ports/camera.js';
import { isJpeg, JPEG_LIMIT } from './jpegScanner.js';
import { type CameraError, get, offline } from './request.js';
import { Stream } from './stream.js';

const CAPTURE_MS = 3_000;
/** How often a camera that nobody uses is tried: it may cost it a picture, so seldom while it is well. */
const TRY_WELL_MS = 30_000;
const TRY_LOST_MS = 5_000;

export interface HttpCameraOptions {
  /** The camera's folder: `snapshot.jpg` and `stream.mjpg` are looked up in it. */
  readonly url: string;
  readonly clock: Clock;
  /** Relative to `url`, or whole addresses, where a camera names them otherwise. */
  readonly snapshot?: string;
  readonly stream?: string;
  /** How long a capture may take, ms. */
  readonly timeout?: number;
}

/**
 * A camera that serves single pictures and MJPEG by HTTP, as network cameras and rpicam servers do. Keeps the obligations of the Camera port; one connection
 * serves all watchers.
 */
export function createHttpCamera(options: HttpCameraOptions): Camera {
  return new HttpCamera(options);
}

class HttpCamera implements Camera {
  readonly #clock: Clock;
  readonly #snapshot: URL;
  readonly #timeout: number;
  readonly #stream: Stream;
  readonly #captures = new Set<() => void>();
  #listener: Parameters<Camera['start']>[0] | null = null;
  /** Null until the first word from it. */
  #well: boolean | null = null;
  #stopTrying: Cancel = () => undefined;

  constructor({
    url,
    clock,
    snapshot = 'snapshot.jpg',
    stream = 'stream.mjpg',
    timeout = CAPTURE_MS,
  }: HttpCameraOptions) {
    const folder = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#clock = clock;
    this.#snapshot = new URL(snapshot, folder);
    this.#timeout = timeout;
    this.#stream = new Stream(new URL(stream, folder), clock, {
      picture: () => this.#heard(null),
      lost: (error) => this.#heard(error),
    });
  }

  start(listener: Parameters<Camera['start']>[0]): void {
    this.#listener = listener;
    this.#try();
  }

  stop(): Promise<void> {
    this.#listener = null;
    this.#stopTrying();
    this.#stream.stop();
    for (const abort of [...this.#captures]) abort();
    return Promise.resolve();
  }

  status(): 'ok' | 'offline' {
    return this.#well === true ? 'ok' : 'offline';
  }

  watch(onFrame: (frame: Frame) => void): () => void {
    return this.#stream.watch(onFrame);
  }

  capture(): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let at: number | null = null;
      const settle = (error: CameraError | null, frame?: Frame) => {
        stopTimer();
        this.#captures.delete(abort);
        exchange.abort();
        this.#heard(error);
        if (frame !== undefined) resolve(frame);
        else reject(error);
      };
      const abort = () => settle(offline('stopped'));
      const exchange = get(this.#snapshot, this.#clock, {
        silence: this.#timeout,
        data: (chunk) => {
          at ??= this.#clock.monotonic();
          size += chunk.length;
          if (size > JPEG_LIMIT) settle(offline('the picture is too large'));
          else chunks.push(chunk);
        },
        end: () => {
          const jpeg = new Uint8Array(Buffer.concat(chunks));
          if (isJpeg(jpeg)) settle(null, { jpeg, at: at ?? this.#clock.monotonic() });
          else settle(offline('it is not a whole JPEG'));
        },
        failed: (error) => settle(error),
      });
      // A picture that trickles in is as late as one that does not come.
      const stopTimer = this.#clock.after(this.#timeout, () => settle(timedOut(this.#timeout)));
      this.#captures.add(abort);
    });
  }

  #try(): void {
    this.#stopTrying();
    this.capture().catch(() => undefined); // What became of it was told by #heard.
  }

  #heard(error: CameraError | null): void {
    const listener = this.#listener;
    if (listener === null) return;
    const well = error === null;
    this.#stopTrying();
    this.#stopTrying = this.#clock.after(well ? TRY_WELL_MS : TRY_LOST_MS, () => this.#try());
    if (well === this.#well) return;
    this.#well = well;
    if (error === null) listener.online();
    else listener.offline(error.message);
  }
}

function timedOut(after: number): CameraError {
  return new CodedError('camera_timeout', 'The camera took too long', { after });
}
