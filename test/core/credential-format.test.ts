import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Credentials, formatCredentials } from '../../src/core/credential-format.ts';

const session: Credentials = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjEA==',
  expiration: new Date('2026-11-23T11:00:00Z'),
};
const { accessKeyId, secretAccessKey } = session;
const lasting: Credentials = { accessKeyId, secretAccessKey };

describe('the external process of the AWS SDKs', () => {
  it('prints one object with its version, to the letter', () => {
    expect(formatCredentials(session, 'process')).toBe(
      '{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",' +
        '"SessionToken":"IQoJb3JpZ2luX2VjEA==","Expiration":"2026-11-23T11:00:00Z"}\n',
    );
  });

  it('leaves out what credentials without an end do not have: an SDK would take null for a token', () => {
    expect(JSON.parse(formatCredentials(lasting, 'process'))).toEqual({
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
    });
  });
});

it('JSON has the members that STS answers with', () => {
  expect(JSON.parse(formatCredentials(session, 'json'))).toEqual({
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: '2026-11-23T11:00:00Z',
  });
});

describe('lines for a shell', () => {
  const inShell = (credentials: Credentials): string =>
    execFileSync('sh', ['-eu', '-c', 'eval "$(cat)"; env'], {
      input: formatCredentials(credentials, 'env'),
      env: { PATH: process.env['PATH'], AWS_SESSION_TOKEN: 'old', AWS_CREDENTIAL_EXPIRATION: 'old' },
      encoding: 'utf8',
    });

  it('set what they say', () => {
    expect(inShell(session).split('\n')).toEqual(
      expect.arrayContaining([
        `AWS_ACCESS_KEY_ID=${accessKeyId}`,
        `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
        'AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjEA==',
        'AWS_CREDENTIAL_EXPIRATION=2026-11-23T11:00:00Z',
      ]),
    );
  });

  it('leave no token of a session before', () => {
    expect(inShell(lasting)).not.toContain('old');
  });

  it('are data to the shell, whatever is in them', () => {
    const odd = `a'b"$(id)\`id\`\\;&|`;
    expect(inShell({ ...session, secretAccessKey: odd })).toContain(`AWS_SECRET_ACCESS_KEY=${odd}\n`);
  });
});

it.each([
  ['an empty key', { accessKeyId: '' }],
  ['an empty secret', { secretAccessKey: '' }],
  ['an empty token', { sessionToken: '' }],
  ['a line of its own', { sessionToken: 'token\n[default]' }],
  ['a space', { secretAccessKey: 'two words' }],
])('%s is nothing to pass on, and no error repeats it', (_what, part) => {
  for (const format of ['process', 'env', 'json'] as const) {
    const formatted = (): string => formatCredentials({ ...session, ...part }, format);
    expect(formatted).toThrow(
      expect.objectContaining({
        code: 'credentials.bad-answer',
        message: 'what came are no AWS credentials: a part is empty or holds odd characters',
      }),
    );
  }
});
