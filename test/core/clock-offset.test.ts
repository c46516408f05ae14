import { describe, expect, it } from 'vitest';
import { clockOffsetMs, offsetWords } from '../../src/core/clock-offset.ts';

const now = new Date('2026-11-22T12:00:00Z');

describe('a clock that is off', () => {
  it.each([
    ['Sun, 22 Nov 2026 12:10:12 GMT', 612_000, '10 min slow'],
    ['Sun, 22 Nov 2026 11:00:00 GMT', -3_600_000, '60 min fast'],
    ['Sun, 22 Nov 2026 12:01:01 GMT', 61_000, '61 s slow'],
    ['Sun, 22 Nov 2026 14:00:01 GMT', 7_201_000, '2 h slow'],
    ['Tue, 20 Oct 2026 12:00:00 GMT', -33 * 86_400_000, '33 days fast'],
  ])('by an answer of %s is told as a person would', (date, offset, words) => {
    expect(clockOffsetMs(date, now)).toBe(offset);
    expect(offsetWords(offset)).toBe(words);
  });

  it.each([undefined, '', 'soon'])('is not seen in a Date that is %s', (date) => {
    expect(clockOffsetMs(date, now)).toBeUndefined();
  });
});
