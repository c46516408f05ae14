import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../ports.ts';

/** The widest range that node:crypto draws from. */
const range = 2 ** 48 - 1;

export const systemRandom: Random = {
  number: () => randomInt(range) / range,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
};
