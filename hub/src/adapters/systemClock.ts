import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '@palang/contract/clock';

/** The machine's own clocks. Timers keep the process alive, as a server's should. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = {
  hex: (size) => randomBytes(size).toString('hex'),
  unit: () => randomBytes(4).readUInt32LE() / 2 ** 32,
};
