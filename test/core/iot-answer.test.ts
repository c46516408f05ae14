import { describe, expect, it } from 'vitest';
import { judgeIotAnswer } from '../../src/core/iot-answer.ts';
import type { LanacmeError } from '../../src/errors.ts';

const now = new Date('2026-11-22T12:00:00Z');
const question = { host: 'iot.test', roleAlias: 'lan', thingName: 'dashboard' };
const session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'the+secret/key',
  sessionToken: 'IQoJtoken==',
  expiration: '2026-11-22T13:00:00Z',
};

const judge = (status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
  judgeIotAnswer({ status, headers, body: Buffer.from(body) }, question, now);

function errorOf(verdict: ReturnType<typeof judge>): LanacmeError {
  if (verdict.kind === 'credentials') throw new Error('gave credentials');
  return verdict.error;
}

describe('a session', () => {
  it('is read from the answer', () => {
    expect(judge(200, JSON.stringify({ credentials: session }))).toEqual({
      kind: 'credentials',
      credentials: { ...session, expiration: new Date('2026-11-22T13:00:00Z') },
    });
  });

  it.each([
    ['Sun, 22 Nov 2026 12:10:12 GMT', '10 min slow'],
    ['Sun, 22 Nov 2026 11:58:00 GMT', '2 min fast'],
  ])('that comes with the Date %s tells how far the clock is off', (date, words) => {
    expect(judge(200, JSON.stringify({ credentials: session }), { date })).toMatchObject({
      kind: 'credentials',
      clock: `the clock of this host is ${words} by the clock of AWS; Route 53 refuses requests that are more than 5 minutes off`,
    });
  });

  it.each(['Sun, 22 Nov 2026 12:00:40 GMT', 'yesterday'])('has nothing to say of the Date %s', (date) => {
    expect(judge(200, JSON.stringify({ credentials: session }), { date })).not.toHaveProperty('clock');
  });

  it.each<[string, string]>([
    ['empty', ''],
    ['cut in half', JSON.stringify({ credentials: session }).slice(0, 80)],
    ['HTML', '<html>log in to the hotel</html>'],
    ['null', 'null'],
    ['a list', '[1]'],
    ['without credentials', '{"message":"hello"}'],
    ['with credentials of another type', '{"credentials":"secret"}'],
    ...Object.keys(session).map((member): [string, string] => [
      `without ${member}`,
      JSON.stringify({ credentials: { ...session, [member]: undefined } }),
    ]),
    ['with an empty key', JSON.stringify({ credentials: { ...session, accessKeyId: '' } })],
    ['with a line end in the token', JSON.stringify({ credentials: { ...session, sessionToken: 'a\r\nb' } })],
    ['with a number as secret', JSON.stringify({ credentials: { ...session, secretAccessKey: 7 } })],
    ['with a date of another form', JSON.stringify({ credentials: { ...session, expiration: 'tomorrow' } })],
    [
      'with a date that does not exist',
      JSON.stringify({ credentials: { ...session, expiration: '2026-13-41T99:00:00Z' } }),
    ],
    ['whose members are inherited', '{"credentials":{"__proto__":{"accessKeyId":"a"}}}'],
  ])('cannot be read from an answer that is %s, and nothing of it is repeated', (_title, body) => {
    const verdict = judge(200, body);
    expect(verdict.kind).toBe('failed');
    const error = errorOf(verdict);
    expect(error.code).toBe('credentials.bad-answer');
    expect(error.message).toBe('the answer of iot.test holds no credentials');
    expect([error.message, error.hint, ...error.details].join()).not.toMatch(/secret|IQoJ|ASIA|hotel/);
    expect(error.cause).toBeUndefined();
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'with the server named',
      { date: 'Sun, 22 Nov 2026 09:00:00 GMT' },
      'the clock of this host says 2026-11-22T12:00:00Z, AWS says 2026-11-22T09:00:00Z, so it is 3 h fast: correct it (timedatectl set-ntp true)',
    ],
    [
      'unless that is right',
      { date: 'Sun, 22 Nov 2026 12:00:02 GMT' },
      'the clock of this host says 2026-11-22T12:00:00Z, and so does AWS: run it again, and look at the session of the IAM role if it stays so',
    ],
    [
      'without a date',
      {},
      'the clock of this host says 2026-11-22T12:00:00Z: if that is wrong, correct it (timedatectl set-ntp true)',
    ],
  ])('that has already ended points to the clock, %s', (_title, headers, hint) => {
    const body = JSON.stringify({ credentials: { ...session, expiration: '2026-11-22T12:00:00Z' } });
    const error = errorOf(judge(200, body, headers));
    expect(error.code).toBe('credentials.already-expired');
    expect(error.message).toBe("the credentials for the role alias 'lan' ended before they came");
    expect(error.hint).toBe(hint);
  });
});

describe('a refusal', () => {
  const rows: readonly (readonly [number, string, string, 'failed' | 'retry', string, string, RegExp])[] = [
    [
      403,
      '{"message":"Certificate is invalid on this endpoint"}',
      'AccessDeniedException',
      'failed',
      'credentials.certificate-refused',
      'iot.test refused the device certificate',
      /describe-certificate/,
    ],
    [
      403,
      '{"message":"Invalid thing name passed"}',
      'AccessDeniedException',
      'failed',
      'credentials.thing-name-refused',
      "the device certificate is not attached to a thing named 'dashboard'",
      /attach-thing-principal --thing-name dashboard/,
    ],
    [
      403,
      '{"message":"Access Denied"}',
      'AccessDeniedException',
      'failed',
      'credentials.access-denied',
      "the device certificate may not use the role alias 'lan'",
      /iot:AssumeRoleWithCertificate on arn:aws:iot:REGION:ACCOUNT:rolealias\/lan/,
    ],
    [
      403,
      '',
      '',
      'failed',
      'credentials.access-denied',
      "the device certificate may not use the role alias 'lan'",
      /misspelt/,
    ],
    [
      404,
      '{"message":"Role alias does not exist"}',
      'ResourceNotFoundException',
      'failed',
      'credentials.role-alias-missing',
      "there is no role alias 'lan' at iot.test",
      /list-role-aliases/,
    ],
    [
      404,
      '{"message":"Not Found","traceId":"1-2"}',
      '',
      'failed',
      'credentials.wrong-endpoint',
      'iot.test is not an IoT credential endpoint: it knows no role aliases',
      /describe-endpoint --endpoint-type iot:CredentialProvider/,
    ],
    [
      404,
      '<html>nginx</html>',
      '',
      'failed',
      'credentials.wrong-endpoint',
      'iot.test is not an IoT credential endpoint: it knows no role aliases',
      /describe-endpoint/,
    ],
    [
      400,
      '{"message":"Unable to assume the role, or the role to assume does not exist"}',
      '',
      'failed',
      'credentials.role-not-assumable',
      "the IAM role behind the role alias 'lan' does not exist or does not trust AWS IoT",
      /credentials\.iot\.amazonaws\.com/,
    ],
    [
      400,
      '{"message":"The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role"}',
      '',
      'failed',
      'credentials.duration-too-long',
      "the role alias 'lan' asks for longer sessions than its IAM role allows",
      /update-role-alias --role-alias lan/,
    ],
    [
      429,
      '{"message":"Too many requests"}',
      'ThrottlingException',
      'retry',
      'credentials.throttled',
      'iot.test answers too many requests',
      /AssumeRoleWithCertificate API TPS/,
    ],
    [
      500,
      '',
      'InternalFailureException',
      'retry',
      'credentials.server-error',
      'iot.test failed with status 500',
      /Health Dashboard/,
    ],
    [
      503,
      '<html>bad gateway</html>',
      '',
      'retry',
      'credentials.server-error',
      'iot.test failed with status 503',
      /Health Dashboard/,
    ],
    [
      400,
      '{"message":"something new"}',
      '',
      'failed',
      'credentials.bad-answer',
      'iot.test gave no credentials but status 400',
      /proxy/,
    ],
    [302, '', '', 'failed', 'credentials.bad-answer', 'iot.test gave no credentials but status 302', /proxy/],
    [204, '', '', 'failed', 'credentials.bad-answer', 'iot.test gave no credentials but status 204', /proxy/],
  ];

  it.each(rows)('%i %s %s is %s: %s', (status, body, errorType, kind, code, message, hint) => {
    const verdict = judge(status, body, errorType === '' ? {} : { 'x-amzn-errortype': errorType });
    expect(verdict.kind).toBe(kind);
    const error = errorOf(verdict);
    expect(error.code).toBe(code);
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(hint);
  });

  it("keeps AWS's words, error type and request id", () => {
    const headers = { 'x-amzn-errortype': 'AccessDeniedException', 'x-amzn-requestid': 'r-1' };
    expect(errorOf(judge(403, '{"message":"Access Denied"}', headers)).details).toEqual([
      'status 403, AccessDeniedException: Access Denied',
      'request id r-1',
    ]);
  });

  it('that is huge is told in few words', () => {
    const [first = ''] = errorOf(judge(500, 'x'.repeat(60_000))).details;
    expect(first.length).toBeLessThan(400);
  });
});
