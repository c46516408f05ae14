import { describe, expect, test } from 'vitest';
import { requireSession, sessionAge } from '../../src/core/session-life.ts';

const session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
  expiration: new Date('2026-11-23T13:00:00Z'),
};
const end = session.expiration.getTime();

describe('a session of', () => {
  test.each([
    ['an hour, 17 minutes before its end', 60, 17, 'fresh'],
    ['an hour, 16 minutes before: botocore asks from 15', 60, 16, 'ageing'],
    ['an hour, 5 minutes before', 60, 5, 'ending'],
    ['an hour, at its end', 60, 0, 'over'],
    ['15 minutes, after 7', 15, 8, 'fresh'],
    ['15 minutes, half over', 15, 7.5, 'ageing'],
    ['15 minutes, 3 minutes before its end', 15, 3, 'ending'],
    ['an hour, before it came: the clock was set back', 60, 61, 'ageing'],
  ] as const)('%s is %4$s', (_what, lifeMinutes, leftMinutes, age) => {
    const since = new Date(end - lifeMinutes * 60_000);
    const now = new Date(end - leftMinutes * 60_000);
    expect(sessionAge({ credentials: session, since }, now)).toBe(age);
  });
});

describe('nothing is handed out of', () => {
  const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
  test.each([
    ['the key of a user', key, 'credentials.not-temporary'],
    ['a session whose end nobody knows', { ...key, sessionToken: 'x' }, 'credentials.not-temporary'],
    ['a session that is over', { ...session, expiration: new Date(0) }, 'credentials.already-expired'],
    ['a session without a key id', { ...session, accessKeyId: '' }, 'credentials.bad-answer'],
    ['a session without a secret', { ...session, secretAccessKey: '' }, 'credentials.bad-answer'],
    ['a session without a token', { ...session, sessionToken: '' }, 'credentials.bad-answer'],
  ])('%s', (_what, found, code) => {
    expect(() => requireSession(found, new Date(end - 1000))).toThrow(expect.objectContaining({ code }));
  });
});
