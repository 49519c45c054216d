import { codeOf } from '@palang/contract/errors';
import { correctedWall } from '@palang/contract/instant';
import type { Input } from '../lane/input.js';
import type { Camera } from '../ports/camera.js';
import type { Photos } from '../ports/photos.js';
import type { Stamps } from '../ports/stamps.js';

interface Dependencies {
  readonly camera: Camera;
  readonly photos: Photos;
  readonly stamps: Stamps;
  readonly feed: (input: Input) => void;
}

/** Takes and stores a picture; whatever goes wrong, the lane is told and goes on. */
export async function photograph(id: string, { camera, photos, stamps, feed }: Dependencies): Promise<void> {
  try {
    const frame = await camera.capture();
    const digest = await photos.put(frame.jpeg);
    const now = stamps.now();
    const at = Math.round(correctedWall(now) - Math.max(0, now.mono - frame.at));
    feed({ kind: 'photo', id, photo: { digest, bytes: frame.jpeg.byteLength, at }, reason: '' });
  } catch (error) {
    feed({ kind: 'photo', id, photo: null, reason: codeOf(error) ?? 'camera_failed' });
  }
}
