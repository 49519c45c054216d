export interface Frame {
  readonly jpeg: Uint8Array;
  /** Clock.monotonic() when it was captured. */
  readonly at: number;
}

/**
 * Pictures of a lane.
 * - `capture` resolves with a frame captured after the call, or rejects with `camera_offline` or `camera_timeout` (3 s by default); an old frame is never passed off as fresh.
 * - `watch` delivers frames (5 a second at most) while at least one watcher is there; a slow watcher skips, it never queues.
 * - Loss is told once by `offline`, return once by `online`; nobody has to ask.
 * - A camera never throws into the lane: without it everything else works.
 */
export interface Camera {
  start(listener: { online(): void; offline(reason: string): void }): void;
  stop(): Promise<void>;
  capture(): Promise<Frame>;
  watch(onFrame: (frame: Frame) => void): () => void;
  status(): 'ok' | 'offline';
}
