import type { Random } from '../ports.ts';

/** By the global `crypto`, which Node loads when it is first used: `import` would load it at every start. */
export const systemRandom: Random = {
  number: () => {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    // 53 bits are all that a number in [0, 1) can hold.
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  },
  hex: (bytes) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex'),
};
