import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeFrom } from '../../src/core/token-bucket.ts';

const bucket = { capacity: 5, refillMs: 100 };

describe('a bucket of five that refills one each 100 ms', () => {
  it.each<[string, number[], number, number]>([
    ['has one at first', [], 0, 0],
    ['has one after four were taken', [0, 0, 0, 0], 0, 0],
    ['has none after five: the next comes with the refill', [0, 0, 0, 0, 0], 0, 100],
    ['has one again then', [0, 0, 0, 0, 0], 100, 100],
    ['counts the refill since each was taken', [0, 10, 20, 30, 40], 50, 100],
    ['takes them in any order', [40, 0, 30, 10, 20], 50, 100],
    ['is never more than full', [1000, 1000, 1000, 1000, 1000], 1000, 1100],
    ['owes what another host took of it, too', [0, 0, 0, 0, 0, 0, 0], 0, 300],
  ])('%s', (_, taken, now, expected) => {
    expect(freeFrom(bucket, taken, now)).toBe(expected);
  });

  it('takes whoever comes at the instant that it told', () => {
    const gaps = fc.array(fc.nat(200), { maxLength: 40 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const taken: number[] = [];
        let now = 0;
        for (const wait of waits) {
          now = freeFrom(bucket, taken, now + wait);
          taken.push(now);
        }
        // Never more than the bucket holds and what it is given meanwhile.
        for (const from of taken) {
          for (const to of taken.filter((at) => at >= from)) {
            const inside = taken.filter((at) => at >= from && at <= to).length;
            expect(inside).toBeLessThanOrEqual(
              bucket.capacity + Math.floor((to - from) / bucket.refillMs + 1e-6),
            );
          }
        }
      }),
    );
  });
});
