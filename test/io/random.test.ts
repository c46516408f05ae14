import { expect, it } from 'vitest';
import { systemRandom } from '../../src/io/random.ts';

it('chance is a number from 0 to below 1, spread evenly', () => {
  const drawn = Array.from({ length: 4_000 }, () => systemRandom.number());
  expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
  for (const tenth of Array.from({ length: 10 }, (_, index) => index / 10)) {
    const count = drawn.filter((number) => number >= tenth && number < tenth + 0.1).length;
    // 400 expected, with a deviation of 19: ten deviations.
    expect(Math.abs(count - 400)).toBeLessThan(190);
  }
});

it('chance is bytes in hex', () => {
  expect(systemRandom.hex(8)).toMatch(/^[0-9a-f]{16}$/);
  expect(systemRandom.hex(8)).not.toBe(systemRandom.hex(8));
});
