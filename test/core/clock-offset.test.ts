import { describe, expect, it } from 'vitest';
import { clockOffsetMs, offsetWords } from '../../src/core/clock-offset.ts';

const now = new Date('2026-11-22T12:00:00Z');

describe('a clock that is off', () => {
  it.each([
    ['Sun, 22 Nov 2026 12:10:12 GMT', 612_000, '612 s slow'],
    ['Sun, 22 Nov 2026 11:00:00 GMT', -3_600_000, '3600 s fast'],
  ])('by an answer of %s is told in seconds', (date, offset, words) => {
    expect(clockOffsetMs(date, now)).toBe(offset);
    expect(offsetWords(offset)).toBe(words);
  });

  it.each([undefined, '', 'soon'])('is not seen in a Date that is %s', (date) => {
    expect(clockOffsetMs(date, now)).toBeUndefined();
  });
});
