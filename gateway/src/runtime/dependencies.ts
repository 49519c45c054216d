import type { Clock } from '@palang/contract/clock';
import type { LaneProfile } from '../lane/profile.js';
import type { Barrier } from '../ports/barrier.js';
import type { Camera } from '../ports/camera.js';
import type { Journal } from '../ports/journal.js';
import type { Loops } from '../ports/loops.js';
import type { Payment } from '../ports/payment.js';
import type { Photos } from '../ports/photos.js';
import type { Reader } from '../ports/reader.js';
import type { Replica } from '../ports/replica.js';
import type { Stamps } from '../ports/stamps.js';

/** One line for people; never a fact for the books. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** The devices and books of one lane. Compose makes them; the lane starts and stops the devices. */
export interface LaneDependencies {
  readonly profile: LaneProfile;
  readonly clock: Clock;
  readonly stamps: Stamps;
  readonly journal: Journal;
  readonly replica: Replica;
  readonly barrier: Barrier;
  readonly loops: Loops;
  readonly reader: Reader;
  /** Null: no terminal at this lane, and no camera. */
  readonly payment: Payment | null;
  readonly camera: Camera | null;
  readonly photos: Photos;
  /** Records that the hub has not acknowledged. */
  readonly backlog: () => number;
  readonly log: Log;
}
