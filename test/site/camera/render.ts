import jpeg from 'jpeg-js';
import { drawScene, type Scene } from './scene.js';

const QUALITY = 70;

/** The scene as a baseline JPEG of 640 x 480. Takes tens of milliseconds: off the thread that paces the boards, use DrawingThread. */
export function renderJpeg(scene: Scene): Buffer {
  return jpeg.encode(drawScene(scene), QUALITY).data;
}
