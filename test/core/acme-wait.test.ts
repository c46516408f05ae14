import { describe, expect, it } from 'vitest';
import type { AcmeProblem } from '../../src/core/acme-objects.ts';
import { caWait } from '../../src/core/acme-wait.ts';

const now = new Date('2026-11-22T12:00:00Z');
const inAnHour = new Date('2026-11-22T13:00:00Z');

function limit(detail: string, subproblems: readonly AcmeProblem[] = []): AcmeProblem {
  return { type: 'urn:ietf:params:acme:error:rateLimited', detail, subproblems };
}

describe('the time to come back', () => {
  it.each([
    [
      'as Let’s Encrypt writes it',
      'too many, retry after 2026-11-24 08:00:00 UTC: see x',
      '2026-11-24T08:00:00Z',
    ],
    ['at the end of the text', 'retry after 2026-11-22 12:00:01 UTC', '2026-11-22T12:00:01Z'],
    ['that has passed: now', 'retry after 2026-11-22 11:00:00 UTC', '2026-11-22T12:00:00Z'],
    ['beyond all reason: 31 days', 'retry after 2126-11-22 20:00:00 UTC', '2026-12-23T12:00:00Z'],
  ])('is taken from a text %s', (_, detail, until) => {
    expect(caWait(limit(detail), undefined, now)).toEqual({ until: new Date(until), isTold: true });
  });

  it.each([
    ['no time at all', 'too many certificates'],
    ['a time in no zone', 'retry after 2026-11-24 08:00:00'],
    ['another zone', 'retry after 2026-11-24 08:00:00 CET'],
    ['another form', 'retry after Tue, 24 Nov 2026 08:00:00 GMT'],
    ['a day that no month has', 'retry after 2026-11-42 08:00:00 UTC'],
    ['a time of something else', 'issued since 2026-11-24 08:00:00 UTC'],
  ])('is an hour from now for a text with %s', (_, detail) => {
    expect(caWait(limit(detail), undefined, now)).toEqual({ until: inAnHour, isTold: false });
  });

  it('is Retry-After before anything in the text', () => {
    const retryAt = new Date('2026-11-22T12:05:00Z');
    expect(caWait(limit('retry after 2026-11-24 08:00:00 UTC'), retryAt, now)).toEqual({
      until: retryAt,
      isTold: true,
    });
  });

  it('is the last of those of several names', () => {
    const names = ['2026-11-22 14:00:00', '2026-11-23 09:00:00', '2026-11-22 15:00:00'];
    const problem = limit(
      'several limits',
      names.map((time) => limit(`retry after ${time} UTC`)),
    );
    expect(caWait(problem, undefined, now).until).toEqual(new Date('2026-11-23T09:00:00Z'));
  });
});
