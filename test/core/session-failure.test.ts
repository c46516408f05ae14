import { describe, expect, test } from 'vitest';
import { isResting, type SessionFailure } from '../../src/core/session-failure.ts';
import type { KeptSession } from '../../src/core/session-life.ts';
import { type ErrorCode, LanacmeError } from '../../src/errors.ts';

const second = 1000;
const minute = 60 * second;
const at = new Date('2026-11-23T12:00:00Z');
const later = (milliseconds: number): Date => new Date(at.getTime() + milliseconds);

/** AWS refused that many times in a row. */
function failure(times: number, more: { code?: ErrorCode; retryAt?: Date } = {}): SessionFailure {
  const { code = 'credentials.access-denied', ...facts } = more;
  return { error: new LanacmeError(code, 'refused', { hint: 'mend it', ...facts }), at, times };
}

/** A session of an hour that ends so much later. */
function endsAfter(milliseconds: number): KeptSession {
  const expiration = later(milliseconds);
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token', expiration };
  return { credentials, since: new Date(expiration.getTime() - 60 * minute) };
}

/** The first millisecond after which AWS is asked again. */
function expectPause(failed: SessionFailure, kept: KeptSession | undefined, milliseconds: number): void {
  if (milliseconds > 0) expect(isResting(failed, kept, later(milliseconds - 1))).toBe(true);
  expect(isResting(failed, kept, later(milliseconds))).toBe(false);
}

describe('AWS is left alone', () => {
  test.each([
    [1, 0],
    [2, second],
    [3, 2 * second],
    [7, 32 * second],
    [8, minute],
    [1000, minute],
  ])('after %i failures in a row for %i ms, while there is no session', (times, pause) => {
    expectPause(failure(times), undefined, pause);
    expectPause(failure(times), endsAfter(-1), pause);
  });

  test.each([
    [15 * minute, minute],
    [2 * minute, 30 * second],
    [8 * second, 2 * second],
    [1, second],
  ])('while there is a session for %i ms more, for %i ms after any failure', (left, pause) => {
    for (const times of [1, 20]) expectPause(failure(times), endsAfter(left), pause);
  });

  test.each([
    [10 * minute, 10 * minute],
    [500 * minute, 60 * minute],
    [-minute, 0],
  ])('where it named a time %i ms later, for %i ms', (named, pause) => {
    expectPause(failure(1, { retryAt: later(named) }), undefined, pause);
  });

  test('not by a clock that was set back', () => {
    expect(isResting(failure(20), undefined, later(-1))).toBe(false);
  });

  test('and what was found on this host, before anybody was asked, is looked at each time', () => {
    expectPause(failure(20, { code: 'credentials.certificate-expired' }), undefined, 0);
    expectPause(failure(20, { code: 'credentials.file-unreadable' }), endsAfter(15 * minute), 0);
  });

  test('for what is no failure of ours, too', () => {
    expectPause({ error: new Error('a bug'), at, times: 3 }, undefined, 2 * second);
  });
});
