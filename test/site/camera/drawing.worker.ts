import { parentPort } from 'node:worker_threads';
import { renderJpeg } from './render.js';
import type { Scene } from './scene.js';

parentPort?.on('message', ({ number, scene }: { number: number; scene: Scene }) => {
  parentPort?.postMessage({ number, picture: renderJpeg(scene) });
});
