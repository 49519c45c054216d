import { randomBytes } from 'node:crypto';
import type { Random } from '@palang/contract/clock';

export const systemRandom: Random = {
  hex: (size) => randomBytes(size).toString('hex'),
  unit: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};
