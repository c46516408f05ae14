import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs } from '../../src/core/backoff.ts';

const backoff = { firstMs: 1000, capMs: 5000, giveUpAfterMs: 60_000 };

describe('the wait before the next attempt', () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [4, 2500],
    [40, 2500],
    [4000, 2500],
  ])('after %i failures is half its ceiling when chance is 0.5: %i ms', (failures, delay) => {
    expect(backoffDelayMs(backoff, failures, 0, 0.5)).toBe(delay);
  });

  it('is nothing once an attempt would begin too late', () => {
    expect(backoffDelayMs(backoff, 1, 59_500, 0.5)).toBe(500);
    expect(backoffDelayMs(backoff, 1, 59_501, 0.5)).toBeUndefined();
  });

  it('is nothing once the attempts are used up, the first one included', () => {
    expect(backoffDelayMs({ ...backoff, attempts: 3 }, 2, 0, 0.5)).toBe(1000);
    expect(backoffDelayMs({ ...backoff, attempts: 3 }, 3, 0, 0.5)).toBeUndefined();
  });

  it('comes on top of what the peer asked for, and is nothing if that alone is too long', () => {
    expect(backoffDelayMs(backoff, 1, 0, 0.5, 7000)).toBe(7500);
    expect(backoffDelayMs(backoff, 1, 0, 0, 60_000)).toBe(60_000);
    expect(backoffDelayMs(backoff, 1, 0, 0, 60_001)).toBeUndefined();
  });

  it('is never negative, over the cap, or past the end', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(100_000), chance, (failures, elapsed, number) => {
        const delay = backoffDelayMs(backoff, failures, elapsed, number);
        if (delay === undefined) return elapsed + backoff.capMs > backoff.giveUpAfterMs;
        return delay >= 0 && delay <= backoff.capMs && elapsed + delay <= backoff.giveUpAfterMs;
      }),
    );
  });
});
