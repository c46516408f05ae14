import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const load = async (long: string | undefined) => {
  vi.stubEnv('TEST_LONG', long);
  return await import('./long-form.ts');
};

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a sample', () => {
  it('is each third in the short form, and seeds together are all', async () => {
    const { sampled } = await load(undefined);
    expect(sampled(7, 3)).toEqual([1, 4, 7]);
    expect([0, 1, 2].flatMap((seed) => sampled(7, 3, seed)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('is everything in the long form', async () => {
    const { sampled } = await load('true');
    expect(sampled(4, 3)).toEqual([1, 2, 3, 4]);
  });
});
