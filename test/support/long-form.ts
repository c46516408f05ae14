/**
 * Tests that go through everything one by one have a short form, a sample that is the same in every run of `npm test`,
 * and a long one, all of it: `npm run test:long`.
 */
export const isLong = process.env['TEST_LONG'] === 'true';

/** For a test that has a long form: minutes there, more than enough here. */
export const longTestMs = isLong ? 30 * 60_000 : 120_000;

/** Every number from 1 to `last`; in the short form only each `step`-th, the first of them by the seed. */
export function sampled(last: number, step: number, seed = 0): readonly number[] {
  const all = Array.from({ length: last }, (_, index) => index + 1);
  return isLong ? all : all.filter((number) => (number + seed) % step === 1 % step);
}
