import { describe, expect, it } from 'vitest';
import { nextBackoff, renewalDelayMs } from '../../src/core/renewal-backoff.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const now = new Date('2026-11-22T12:00:00Z');

describe('after a failure', () => {
  it.each([
    [1, 30 * day, minute],
    [2, 30 * day, 10 * minute],
    [3, 30 * day, 100 * minute],
    [4, 30 * day, day],
    [50, 30 * day, day],
    [4, 5 * day, day / 2],
    [9, day, 144 * minute],
    [4, 0, 10 * minute],
  ])('number %i with %i ms left, the next try waits %i ms', (failures, left, delay) => {
    expect(renewalDelayMs(failures, left, 0)).toBe(delay);
    expect(renewalDelayMs(failures, left, 0.999)).toBeLessThanOrEqual(delay * 1.2);
  });

  const facts = { now, notAfter: new Date(now.getTime() + 30 * day), retryAt: undefined, chance: 0 };

  it('counts those in a row', () => {
    const first = nextBackoff(undefined, facts);
    expect(first).toEqual({ failures: 1, until: '2026-11-22T12:01:00Z' });
    expect(nextBackoff(first, facts)).toEqual({ failures: 2, until: '2026-11-22T12:10:00Z' });
  });

  it('the word of the CA counts if it is the longer one', () => {
    const [later, sooner] = ['2026-11-22T15:00:00Z', '2026-11-22T12:00:10Z'];
    expect(nextBackoff(undefined, { ...facts, retryAt: new Date(later) }).until).toBe(later);
    expect(nextBackoff(undefined, { ...facts, retryAt: new Date(sooner) }).until).toBe(
      '2026-11-22T12:01:00Z',
    );
  });
});
