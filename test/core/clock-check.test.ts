import { describe, expect, it } from 'vitest';
import { type ClockEvidence, wrongClock } from '../../src/core/clock-check.ts';

const now = new Date('2026-01-10T00:00:00Z');
const minute = 60_000;

describe('a clock is wrong', () => {
  it.each<[string, ClockEvidence, string]>([
    [
      'before the program was made',
      { builtAt: new Date('2026-01-10T00:00:01Z') },
      'the clock of this host says 2026-01-10T00:00:00Z, before this lanacme was made (2026-01-10T00:00:01Z)',
    ],
    [
      'more than a minute before what has happened',
      { newestKnown: new Date('2026-01-10T00:01:01Z') },
      'the clock of this host says 2026-01-10T00:00:00Z, before what it has done already (2026-01-10T00:01:01Z)',
    ],
    [
      'more than ten minutes behind that of the CA',
      { caOffsetMs: 10 * minute + 1000 },
      'the clock of this host says 2026-01-10T00:00:00Z, which is 10 min slow by the clock of the CA',
    ],
    [
      'more than ten minutes ahead of that of the CA',
      { caOffsetMs: -48 * 60 * minute },
      'the clock of this host says 2026-01-10T00:00:00Z, which is 2 days fast by the clock of the CA',
    ],
  ])('%s: a run waits until it is right', (_, evidence, message) => {
    expect(wrongClock(now, evidence)).toMatchObject({ code: 'clock.wrong', outcome: 'wait', message });
  });

  it.each<[string, ClockEvidence]>([
    ['if nothing tells against it', {}],
    ['at the instant at which the program was made', { builtAt: now }],
    ['after a correction of a minute', { newestKnown: new Date('2026-01-10T00:01:00Z') }],
    ['ten minutes off', { caOffsetMs: -10 * minute }],
  ])('not %s', (_, evidence) => {
    expect(wrongClock(now, evidence)).toBeUndefined();
  });
});
