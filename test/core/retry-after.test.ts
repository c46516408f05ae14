import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/core/retry-after.ts';

const now = new Date('2026-11-22T12:00:00Z');

describe('a Retry-After header', () => {
  it.each([
    ['seconds', '120', 120_000],
    ['seconds with space around', ' 5 ', 5000],
    ['zero', '0', 0],
    ['a date', 'Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['a date in the form of RFC 850', 'Sunday, 22-Nov-26 12:01:00 GMT', 60_000],
    ['a date in the form of asctime', 'Sun Nov 22 13:00:00 2026', 3_600_000],
    ['a date of one digit in the form of asctime', 'Tue Dec  1 12:00:00 2026', 9 * 86_400_000],
    ['a date that has passed', 'Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['more than 31 days', '99999999', 31 * 86_400_000],
    ['a number beyond all dates', '9'.repeat(400), 31 * 86_400_000],
  ])('of %s is a wait', (_, header, milliseconds) => {
    expect(retryAfterMs(header, now)).toBe(milliseconds);
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['negative', '-5'],
    ['a fraction', '1.5'],
    ['a word', 'soon'],
    ['a year', '2026-11-22'],
    ['a date in another zone', 'Sun, 22 Nov 2026 12:00:30 +0100'],
    ['a day that no month has', 'Sun, 42 Nov 2026 12:00:30 GMT'],
    ['two values', '5, 6'],
  ])('that is %s says nothing', (_, header) => {
    expect(retryAfterMs(header, now)).toBeUndefined();
  });
});
