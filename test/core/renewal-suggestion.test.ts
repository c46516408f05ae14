import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RenewalSuggestion } from '../../src/core/certificate-record.ts';
import { mayAsk, nextSuggestion, type SuggestionAnswer } from '../../src/core/renewal-suggestion.ts';

const certId = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE';
const now = new Date('2026-01-10T00:00:00Z');
const notAfter = new Date('2026-04-01T00:00:00Z');
const window = { start: new Date('2026-03-01T00:00:00Z'), end: new Date('2026-03-02T00:00:00Z') };
const stored: RenewalSuggestion = {
  certId,
  window: { start: '2026-03-01T00:00:00Z', end: '2026-03-02T00:00:00Z' },
  renewAt: '2026-03-01T06:00:00Z',
  askedAt: '2026-01-09T12:00:00Z',
  askAgainAt: '2026-01-09T18:00:00Z',
};
const failed: SuggestionAnswer = { kind: 'failed' };

function next(before: RenewalSuggestion | undefined, answer: SuggestionAnswer, chance = 0.5, at = now) {
  return nextSuggestion(before, certId, answer, { now: at, chance });
}

describe('the instant of a renewal', () => {
  it('is drawn from the window when that is first known', () => {
    expect(next(undefined, { kind: 'answered', window }, 0.75)).toEqual({
      certId,
      window: stored.window,
      renewAt: '2026-03-01T18:00:00Z',
      askedAt: '2026-01-10T00:00:00Z',
      askAgainAt: '2026-01-10T06:00:00Z',
    });
  });

  it('stays while the window does', () => {
    expect(next(stored, { kind: 'answered', window }, 0.75).renewAt).toBe('2026-03-01T06:00:00Z');
  });

  it('is drawn anew when the window changes', () => {
    const moved = { ...window, end: new Date('2026-03-03T00:00:00Z') };
    expect(next(stored, { kind: 'answered', window: moved }, 0.75).renewAt).toBe('2026-03-02T12:00:00Z');
  });

  it('is drawn anew for another certificate', () => {
    const other = { ...stored, certId: 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AA' };
    expect(next(other, { kind: 'answered', window }, 0.75).renewAt).toBe('2026-03-01T18:00:00Z');
  });

  it('stays, with its window, when the CA cannot be asked', () => {
    expect(next(stored, failed)).toMatchObject({
      window: stored.window,
      renewAt: stored.renewAt,
      failures: 1,
    });
  });

  it('is not before a window that begins within a second', () => {
    const start = new Date('2026-03-01T00:00:00.001Z');
    const { window: kept, renewAt } = next(undefined, { kind: 'answered', window: { ...window, start } }, 0);
    expect([kept?.start, renewAt]).toEqual(['2026-03-01T00:00:01Z', '2026-03-01T00:00:01Z']);
  });

  it('is in the window, and evenly so, whatever chance brings', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        const { renewAt = '' } = next(undefined, { kind: 'answered', window }, chance);
        const share = (Date.parse(renewAt) - window.start.getTime()) / (24 * 3600_000);
        expect(Math.abs(share - chance)).toBeLessThan(1 / 86_400);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThan(1);
      }),
    );
  });
});

describe('the page that explains a window', () => {
  it('is told while the CA names it', () => {
    const explanationUrl = 'https://ca.example/incident';
    const told = next(stored, { kind: 'answered', window, explanationUrl });
    expect(told.explanationUrl).toBe(explanationUrl);
    expect(next(told, failed).explanationUrl).toBe(explanationUrl);
    expect(next(told, { kind: 'answered', window }).explanationUrl).toBeUndefined();
  });
});

describe('the CA is asked again', () => {
  const hour = 3600_000;
  it.each([
    ['when it says so', 2 * hour, '2026-01-10T02:00:00Z'],
    ['after six hours if it says nothing', undefined, '2026-01-10T06:00:00Z'],
    ['after a minute if it says at once', 0, '2026-01-10T00:01:00Z'],
    ['after a day if it says next month', 720 * hour, '2026-01-11T00:00:00Z'],
  ])('%s', (_, retryAfterMs, expected) => {
    const answer = {
      kind: 'answered',
      window,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    } as const;
    expect(next(stored, answer).askAgainAt).toBe(expected);
  });

  it.each([
    [0, '2026-01-10T00:01:00Z'],
    [1, '2026-01-10T00:02:00Z'],
    [5, '2026-01-10T00:32:00Z'],
    [8, '2026-01-10T04:16:00Z'],
    [9, '2026-01-10T06:00:00Z'],
    [2000, '2026-01-10T06:00:00Z'],
  ])('later and later if it fails: after %i failures before', (failures, expected) => {
    expect(next({ ...stored, failures }, failed)).toMatchObject({
      failures: failures + 1,
      askAgainAt: expected,
    });
  });

  it.each([
    ['as late as it says', new Date('2026-01-10T03:00:00Z'), '2026-01-10T03:00:00Z'],
    [
      'not before the pause is over, whatever it says',
      new Date('2026-01-10T00:00:01Z'),
      '2026-01-10T00:01:00Z',
    ],
    ['within a day', new Date('2026-02-10T00:00:00Z'), '2026-01-11T00:00:00Z'],
  ])('%s, if it fails and says when to come back', (_, retryAt, expected) => {
    expect(next(stored, { kind: 'failed', retryAt }).askAgainAt).toBe(expected);
  });

  it('after a day if it offers no such thing, and what it said before is over', () => {
    expect(next(stored, { kind: 'not-offered' })).toEqual({
      certId,
      askedAt: '2026-01-10T00:00:00Z',
      askAgainAt: '2026-01-11T00:00:00Z',
    });
  });

  it('from the start of the row once it has answered', () => {
    expect(next({ ...stored, failures: 7 }, { kind: 'answered', window }).failures).toBeUndefined();
  });
});

describe('the CA may be asked', () => {
  it.each<[string, boolean, RenewalSuggestion | undefined, string]>([
    ['if it never was', true, undefined, '2026-01-09T18:00:00Z'],
    ['from the instant on that it gave', true, stored, '2026-01-09T18:00:00Z'],
    ['not before', false, stored, '2026-01-09T17:59:59Z'],
    ['at once for another certificate', true, { ...stored, certId: 'a.b' }, '2026-01-09T12:00:01Z'],
    ['if it was asked in the future, by a clock that was wrong', true, stored, '2026-01-01T00:00:00Z'],
    ['not any more once the certificate has expired', false, undefined, '2026-04-01T00:00:00Z'],
  ])('%s: %s', (_, expected, before, at) => {
    expect(mayAsk(before, certId, new Date(at), notAfter)).toBe(expected);
  });
});
