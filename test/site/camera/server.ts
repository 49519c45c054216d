import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Scene } from './scene.js';

export type CameraFault = 'off' | 'stalled' | 'truncated';

export interface CameraLane {
  scene(): Scene;
}

const FRAME_MS = 200;
const BOUNDARY = 'palang-frame';
const MAX_VIEWERS = 20;

/**
 * One HTTP camera per lane: `/lanes/{lane}/snapshot.jpg` and `/lanes/{lane}/stream.mjpg` (5 frames a second). Frames are drawn only
 * for somebody. Faults: `off` answers 503 and ends streams, `stalled` accepts and then says nothing, `truncated` sends half a frame.
 */
export class CameraServer {
  readonly #lanes: ReadonlyMap<string, CameraLane>;
  readonly #draw: (scene: Scene) => Promise<Buffer>;
  readonly #server: Server;
  readonly #faults = new Map<string, Set<CameraFault>>();
  readonly #viewers = new Map<string, Set<ServerResponse>>();

  readonly #filmed = new Set<string>();
  /** A scene in which nothing has changed, the clock included, is not drawn twice. */
  readonly #last = new Map<string, { key: string; picture: Promise<Buffer> }>();

  /** Pictures drawn since the start: stays still while nobody looks. */
  framesDrawn = 0;

  constructor(lanes: ReadonlyMap<string, CameraLane>, draw: (scene: Scene) => Promise<Buffer>) {
    this.#lanes = lanes;
    this.#draw = draw;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Resolves with the port; 0 takes a free one. Rejects when it is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  setFault(lane: string, fault: CameraFault, active: boolean): void {
    const faults = this.#faults.get(lane) ?? new Set();
    this.#faults.set(lane, faults);
    if (active) faults.add(fault);
    else faults.delete(fault);
    if (fault === 'off' && active) for (const viewer of this.#viewers.get(lane) ?? []) viewer.destroy();
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    const [, lane = '', what] =
      /^\/lanes\/([^/]+)\/(snapshot\.jpg|stream\.mjpg)(?:\?.*)?$/.exec(request.url ?? '') ?? [];
    const camera = this.#lanes.get(decode(lane));
    if (request.method !== 'GET' || camera === undefined) return refuse(response, 404, 'not_found');
    if (this.#has(lane, 'off')) return refuse(response, 503, 'camera_off');
    if (what === 'stream.mjpg') this.#stream(lane, camera, response);
    else if (!this.#has(lane, 'stalled')) await this.#snapshot(lane, camera, response);
  }

  async #snapshot(lane: string, camera: CameraLane, response: ServerResponse): Promise<void> {
    const picture = await this.#picture(lane, camera, response);
    if (picture === undefined) return;
    response.writeHead(200, {
      'content-type': 'image/jpeg',
      'content-length': picture.length,
      'cache-control': 'no-store',
    });
    if (!this.#has(lane, 'truncated')) response.end(picture);
    else response.write(picture.subarray(0, picture.length / 2), () => response.destroy());
  }

  async #picture(lane: string, camera: CameraLane, response: ServerResponse): Promise<Buffer | undefined> {
    const scene = camera.scene();
    const key = JSON.stringify(scene);
    const last = this.#last.get(lane);
    try {
      if (last?.key === key) return await last.picture;
      this.framesDrawn += 1;
      const picture = this.#draw(scene);
      this.#last.set(lane, { key, picture });
      return await picture;
    } catch (error) {
      this.#last.delete(lane);
      refuse(response, 500, error instanceof Error ? error.message : 'drawing_failed');
      return undefined;
    }
  }

  #stream(lane: string, camera: CameraLane, response: ServerResponse): void {
    const viewers = this.#viewers.get(lane) ?? new Set();
    this.#viewers.set(lane, viewers);
    if (viewers.size >= MAX_VIEWERS) {
      refuse(response, 503, 'too_many_viewers');
      return;
    }
    response.writeHead(200, {
      'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
      'cache-control': 'no-store',
    });
    response.write(`--${BOUNDARY}\r\n`);
    viewers.add(response);
    response.on('close', () => viewers.delete(response));
    if (!this.#filmed.has(lane)) void this.#film(lane, camera, viewers);
  }

  /** Draws each frame once for all viewers and skips those whose socket is still full; ends with the last viewer. */
  async #film(lane: string, camera: CameraLane, viewers: Set<ServerResponse>): Promise<void> {
    this.#filmed.add(lane);
    while (viewers.size > 0) {
      const ready = [...viewers].filter((viewer) => !viewer.writableNeedDrain);
      const [one] = ready;
      if (one !== undefined && !this.#has(lane, 'stalled')) {
        const picture = await this.#picture(lane, camera, one);
        if (picture !== undefined) for (const viewer of ready) this.#frame(lane, viewer, picture);
      }
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
    }
    this.#filmed.delete(lane);
  }

  #frame(lane: string, viewer: ServerResponse, picture: Buffer): void {
    const shown = this.#has(lane, 'truncated') ? picture.subarray(0, picture.length / 2) : picture;
    viewer.write(`Content-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`);
    viewer.write(shown);
    // Browsers show a part only when the next boundary arrives, so it follows at once.
    viewer.write(`\r\n--${BOUNDARY}\r\n`);
  }

  #has(lane: string, fault: CameraFault): boolean {
    return this.#faults.get(lane)?.has(fault) === true;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A malformed escape names no lane; the caller answers 404.
    return '';
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code } }));
}
