import { Worker } from 'node:worker_threads';
import type { Scene } from './scene.js';

/** Draws pictures beside the thread that paces the boards, which a single JPEG would hold up for longer than a relay pulse may wait. */
export class DrawingThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(picture: Buffer): void; reject(error: Error): void }>();
  #number = 0;

  constructor() {
    this.#worker = new Worker(new URL('./drawing.worker.js', import.meta.url));
    this.#worker.on('message', ({ number, picture }: { number: number; picture: Uint8Array }) => {
      this.#waiting.get(number)?.resolve(Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength));
      this.#waiting.delete(number);
    });
    this.#worker.on('error', (error) => this.#failAll(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#failAll(new Error('the drawing thread has ended')));
  }

  draw(scene: Scene): Promise<Buffer> {
    const number = this.#number++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#worker.postMessage({ number, scene });
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
