import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isCrowded,
  othersAt,
  pollDelayMs,
  raceDelayMs,
  removalDelayMs,
  servedRaceDelayMs,
} from '../../src/core/contention.ts';
import { parseDnsName } from '../../src/core/names.ts';

const set = { name: parseDnsName('_acme-challenge.lan.example'), ttl: 10 };

describe('others at a name', () => {
  it('are the values of all its sets that are not ours', () => {
    const sets = [
      { ...set, values: ['"a"', '"ours"'], setIdentifier: 'one' },
      { ...set, values: ['"b"'], setIdentifier: 'two' },
    ];
    expect(othersAt(sets, ['"ours"', '"ours too"'])).toBe(2);
    expect(othersAt([], ['"ours"'])).toBe(0);
    const many = Array.from({ length: 400 }, (_, index) => `"${index}"`);
    expect(othersAt([{ ...set, values: many }], [])).toBe(20);
  });

  it('make a crowd from two on: one may be a value that somebody has forgotten', () => {
    expect([0, 1, 2, 19].map(isCrowded)).toEqual([false, false, true, true]);
  });
});

describe('the wait after a race that was lost', () => {
  it.each([
    [0, 0, 500],
    [0, 20, 500],
    [1, 0, 500],
    [1, 1, 500],
    [2, 1, 1_000],
    [3, 1, 2_000],
    [1, 20, 10_000],
    [2, 20, 15_000],
    [90, 20, 15_000],
  ])(
    'after %i others with %i in the set is half its ceiling when chance is 0.5: %i ms',
    (lost, others, delay) => {
      expect(raceDelayMs(lost, others, 0.5)).toBe(delay);
    },
  );

  it('is never longer than 30 s, and never shorter where more others are', () => {
    fc.assert(
      fc.property(
        fc.nat(2_000),
        fc.nat(400),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lost, others, chance) => {
          const delay = raceDelayMs(lost, others, chance);
          return delay >= 0 && delay <= 30_000 && delay <= raceDelayMs(lost, others + 1, chance);
        },
      ),
    );
  });
});

it('the wait is anything up to 100 s where name servers must tell what is there', () => {
  expect([0, 0.5, 1].map(servedRaceDelayMs)).toEqual([0, 50_000, 100_000]);
});

it('a removal waits for nobody unless many are there', () => {
  expect([0, 1, 2, 19].map((others) => removalDelayMs(others, 0.5))).toEqual([0, 0, 1_000, 9_500]);
});

it('GetChange is asked after 1 s, then every 4 s; later and less often in a crowd', () => {
  const delays = (others: number): readonly number[] => [0, 1, 2].map((poll) => pollDelayMs(poll, others));
  expect(delays(0)).toEqual([1_000, 4_000, 4_000]);
  expect(delays(1)).toEqual([1_000, 4_000, 4_000]);
  expect(delays(2)).toEqual([8_000, 4_400, 4_400]);
  expect(delays(20)).toEqual([8_000, 8_000, 8_000]);
});
