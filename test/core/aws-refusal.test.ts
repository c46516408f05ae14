import { describe, expect, it } from 'vitest';
import type { AwsOperation, AwsRefusal } from '../../src/core/aws-operation.ts';
import { batchRefusalMessages, judgeAwsRefusal } from '../../src/core/aws-refusal.ts';
import { leastPolicy, policyLines } from '../../src/core/least-policy.ts';
import { parseDnsName } from '../../src/core/names.ts';

const name = parseDnsName('_acme-challenge.lan.example');
const changing: AwsOperation = {
  name: 'ChangeResourceRecordSets',
  zoneId: 'Z1',
  changes: [
    { action: 'DELETE', set: { name, ttl: 10, values: ['"old"'] } },
    { action: 'CREATE', set: { name, ttl: 10, values: ['"old"', '"new"'] } },
  ],
};
const asking: AwsOperation = { name: 'GetChange', changeId: 'C1' };
const listing: AwsOperation = { name: 'ListHostedZonesByName' };

const refusal = (
  status: number,
  code: string | undefined,
  message: string,
  more: Partial<AwsRefusal> = {},
): AwsRefusal => ({
  status,
  message,
  batchMessages: [],
  ...(code === undefined ? {} : { code }),
  ...more,
});
const judge = (status: number, code: string | undefined, message: string, operation = changing, more = {}) =>
  judgeAwsRefusal(refusal(status, code, message, more), operation);

describe('what a refusal of Route 53 means', () => {
  it.each<[number, string | undefined, string, AwsOperation, string, string, string, RegExp]>([
    [
      400,
      'Throttling',
      'Rate exceeded',
      changing,
      'retry',
      'route53.throttled',
      'Route 53 throttled ChangeResourceRecordSets: Rate exceeded',
      /requests a second/,
    ],
    [
      400,
      'ThrottlingException',
      'Rate exceeded',
      asking,
      'retry',
      'route53.throttled',
      'Route 53 throttled GetChange: Rate exceeded',
      /requests a second/,
    ],
    [
      400,
      'PriorRequestNotComplete',
      'still processing',
      changing,
      'retry',
      'route53.throttled',
      'the hosted zone Z1 is busy with another change: still processing',
      /one change at a time/,
    ],
    [
      403,
      'AccessDenied',
      'User: U is not authorized',
      changing,
      'failed',
      'route53.access-denied',
      'Route 53 denied ChangeResourceRecordSets: User: U is not authorized',
      /allows route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone\/Z1; a condition in it must admit every name, type and action/,
    ],
    [
      403,
      'AccessDenied',
      'no',
      asking,
      'failed',
      'route53.access-denied',
      'Route 53 denied GetChange: no',
      /allows route53:GetChange on arn:aws:route53:::change\/\*$/,
    ],
    [
      403,
      'AccessDenied',
      'no',
      listing,
      'failed',
      'route53.access-denied',
      'Route 53 denied ListHostedZonesByName: no',
      /on \*; with --zone-id it is not needed$/,
    ],
    [
      403,
      'AccessDenied',
      'no',
      { name: 'ListResourceRecordSets', zoneId: 'Z1' },
      'failed',
      'route53.access-denied',
      'Route 53 denied ListResourceRecordSets: no',
      /allows route53:ListResourceRecordSets on arn:aws:route53:::hostedzone\/Z1$/,
    ],
    [
      404,
      'NoSuchHostedZone',
      'No hosted zone found with ID: Z1',
      changing,
      'failed',
      'route53.zone-not-found',
      'this AWS account has no hosted zone Z1: No hosted zone found with ID: Z1',
      /--zone-id/,
    ],
    [
      404,
      'NoSuchChange',
      'Could not find',
      asking,
      'failed',
      'route53.unknown-change',
      'Route 53 does not know the change C1: Could not find',
      /name servers/,
    ],
    [
      403,
      'ExpiredToken',
      'expired',
      asking,
      'new-session',
      'route53.session-refused',
      'Route 53 refused the session: expired',
      /session/,
    ],
    [
      403,
      'InvalidClientTokenId',
      'invalid',
      asking,
      'new-session',
      'route53.session-refused',
      'Route 53 refused the session: invalid',
      /partition/,
    ],
    [
      403,
      'UnrecognizedClientException',
      'invalid',
      asking,
      'new-session',
      'route53.session-refused',
      'Route 53 refused the session: invalid',
      /partition/,
    ],
    [
      400,
      'RequestExpired',
      'expired',
      asking,
      'failed',
      'route53.clock-skew',
      'Route 53 refused the time of the request: expired',
      /clock of this host is off/,
    ],
    [
      403,
      'SignatureDoesNotMatch',
      'no match',
      asking,
      'failed',
      'route53.session-refused',
      'Route 53 refused the signature: no match',
      /secret key/,
    ],
    [
      400,
      'InvalidInput',
      'bad name',
      asking,
      'failed',
      'route53.refused',
      'Route 53 refused GetChange: bad name',
      /bug in lanacme/,
    ],
    [
      400,
      'InvalidDomainName',
      'bad name',
      listing,
      'failed',
      'route53.refused',
      'Route 53 refused ListHostedZonesByName: bad name',
      /bug in lanacme/,
    ],
    [
      500,
      'InternalFailure',
      'oops',
      asking,
      'retry',
      'route53.server-error',
      'Route 53 failed at GetChange: oops',
      /Health Dashboard/,
    ],
    [
      503,
      undefined,
      '',
      asking,
      'retry',
      'route53.server-error',
      'Route 53 failed at GetChange: status 503',
      /Health Dashboard/,
    ],
    [
      200,
      undefined,
      'not XML',
      asking,
      'retry',
      'route53.bad-answer',
      'the answer to GetChange is not one of Route 53: status 200, not XML',
      /proxy/,
    ],
    [
      407,
      undefined,
      'not XML',
      asking,
      'failed',
      'route53.bad-answer',
      'the answer to GetChange is not one of Route 53: status 407, not XML',
      /proxy/,
    ],
  ])('%i %s "%s"', (status, code, words, operation, kind, lanacmeCode, message, hint) => {
    const verdict = judge(status, code, words, operation);
    expect(verdict.kind).toBe(kind);
    expect(verdict.error.code).toBe(lanacmeCode);
    expect(verdict.error.message).toBe(message);
    expect(verdict.error.hint).toMatch(hint);
  });

  it('tells the actions, names and types of a denied batch, and the request id, but no values', () => {
    const { error } = judge(403, 'AccessDenied', 'no', changing, { requestId: 'r-1' });
    expect(error.details).toEqual([
      'DELETE TXT _acme-challenge.lan.example',
      'CREATE TXT _acme-challenge.lan.example',
      'status 403, AccessDenied, request id r-1',
      'the least IAM policy that allows it:',
      ...policyLines(leastPolicy({ zoneId: 'Z1', names: [name], actions: ['CREATE', 'DELETE'] })),
    ]);
  });

  it('writes the policy for the partition of AWS that refused', () => {
    const words = 'User: arn:aws-us-gov:sts::1:assumed-role/R/S is not authorized';
    expect(judge(403, 'AccessDenied', words, asking).error.details.slice(2)).toEqual([
      '{"Version":"2012-10-17","Statement":[',
      ' {"Effect":"Allow","Action":"route53:GetChange","Resource":"arn:aws-us-gov:route53:::change/*"}]}',
    ]);
  });

  it('has a policy for nothing else than a right that is missing', () => {
    expect(judge(400, 'InvalidInput', 'no', changing).error.details.join()).not.toContain('Statement');
  });

  it('tells some of many changes, and that a policy of that many names is too long for IAM', () => {
    const changes = Array.from({ length: 150 }, (_, index) => ({
      action: 'CREATE' as const,
      set: {
        name: parseDnsName(`_acme-challenge.host-number-${index}.lan.example`),
        ttl: 10,
        values: ['"x"'],
      },
    }));
    const { details } = judge(403, 'AccessDenied', 'no', { ...changing, changes }).error;
    expect(details).toHaveLength(20 + 3 + 5 + 1);
    expect(details[20]).toBe('and 130 more');
    expect(details.at(-1)).toMatch(
      /^\(\d+ characters, and IAM takes 6144 .*allow _acme-challenge\.\*\.ZONE with ForAllValues:StringLike/,
    );
  });

  it('takes a signature for a clock that is off, if AWS has another time', () => {
    const slow = judge(403, 'SignatureDoesNotMatch', 'expired', asking, { clockOffsetMs: 7_200_000 });
    expect(slow.error.code).toBe('route53.clock-skew');
    expect(slow.error.hint).toBe('the clock of this host is 2 h slow: correct it (timedatectl set-ntp true)');
    const fast = judge(403, 'RequestExpired', 'expired', asking, { clockOffsetMs: -400_000 });
    expect(fast.error.hint).toContain('7 min fast');
    expect(judge(403, 'SignatureDoesNotMatch', 'no', asking, { clockOffsetMs: 200_000 }).error.code).toBe(
      'route53.session-refused',
    );
  });

  it('caps and escapes foreign words', () => {
    const { error } = judge(400, 'InvalidInput', `\u001b[31m${'x'.repeat(10_000)}`);
    expect(error.message).toContain('\\x1b[31m');
    expect(error.message.length).toBeLessThan(800);
  });
});

describe('a refused batch', () => {
  it('has its messages in the one form or the other', () => {
    expect(batchRefusalMessages(refusal(400, 'InvalidChangeBatch', '[a, b]'))).toEqual(['[a, b]']);
    expect(
      batchRefusalMessages(refusal(400, 'InvalidChangeBatch', '', { batchMessages: ['a', 'b'] })),
    ).toEqual(['a', 'b']);
  });

  it('is nothing else than InvalidChangeBatch', () => {
    expect(batchRefusalMessages(refusal(403, 'AccessDenied', 'no'))).toBeUndefined();
  });
});
