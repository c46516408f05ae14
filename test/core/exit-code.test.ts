import { describe, expect, it } from 'vitest';
import { exitCode } from '../../src/core/exit-code.ts';

describe('exitCode', () => {
  it.each([
    ['nothing failed', [], 0],
    ['one failed', ['failed'], 1],
    ['wrong usage: nothing was sent anywhere', ['usage'], 2],
    ['several problems of one configuration', ['usage', 'usage'], 2],
    ['told to wait', ['wait'], 75],
    ['everything has to wait', ['wait', 'wait'], 75],
    ['a failure outweighs a wait', ['wait', 'failed'], 1],
    ['a failure outweighs wrong usage: something was sent', ['usage', 'failed'], 1],
    ['wrong usage beside a wait: something may have been sent', ['wait', 'usage'], 1],
  ] as const)('%s', (_title, outcomes, expected) => {
    expect(exitCode(outcomes)).toBe(expected);
  });
});
