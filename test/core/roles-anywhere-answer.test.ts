import { describe, expect, it } from 'vitest';
import { judgeRolesAnywhereAnswer } from '../../src/core/roles-anywhere-answer.ts';
import type { RolesAnywhereQuestion } from '../../src/core/roles-anywhere-refusal.ts';
import type { LanacmeError } from '../../src/errors.ts';

const now = new Date('2026-11-22T12:00:00Z');
const roleArn = 'arn:aws:iam::123456789012:role/lan/lanacme-dns';
const question: RolesAnywhereQuestion = {
  host: 'rolesanywhere.eu-west-2.amazonaws.com',
  region: 'eu-west-2',
  certFile: '/etc/lanacme/identity.pem',
  chainLength: 1,
  trustAnchorArn: 'arn:aws:rolesanywhere:eu-west-2:123456789012:trust-anchor/TA',
  profileArn: 'arn:aws:rolesanywhere:eu-west-2:123456789012:profile/PR',
  roleArn,
};
const session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'the+secret/key',
  sessionToken: 'IQoJtoken==',
  expiration: '2026-11-22T13:00:00Z',
};
const set = (credentials: unknown): string => JSON.stringify({ credentialSet: [{ credentials, roleArn }] });

const judge = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<RolesAnywhereQuestion> = {},
) => judgeRolesAnywhereAnswer({ status, headers, body: Buffer.from(body) }, { ...question, ...more }, now);

function errorOf(verdict: ReturnType<typeof judge>): LanacmeError {
  if (verdict.kind === 'credentials') throw new Error('gave credentials');
  return verdict.error;
}

describe('a session of Roles Anywhere', () => {
  it.each([201, 200])('is read from the first set of a %i', (status) => {
    expect(judge(status, set(session))).toEqual({
      kind: 'credentials',
      credentials: { ...session, expiration: new Date('2026-11-22T13:00:00Z') },
    });
  });

  it('tells how far the clock is off', () => {
    const answer = judge(201, set(session), { date: 'Sun, 22 Nov 2026 12:02:00 GMT' });
    expect(answer).toMatchObject({ clock: expect.stringContaining('2 min slow') as string });
  });

  it.each<[string, number, string]>([
    ['with status 302', 302, set(session)],
    ['with status 403', 403, set(session)],
    ['without a set', 201, '{}'],
    ['with an empty set', 201, '{"credentialSet":[]}'],
    ['with a set that is none', 201, '{"credentialSet":{"0":{}}}'],
    ['with an empty key', 201, set({ ...session, secretAccessKey: '' })],
    ['without an end', 201, set({ ...session, expiration: undefined })],
    ['with a secret that is no text', 201, set({ ...session, secretAccessKey: ['the+secret/key'] })],
    ['with a token that would end a header', 201, set({ ...session, sessionToken: 'a\r\nb' })],
    ['with an end that is no time', 201, set({ ...session, expiration: '2026-11-22' })],
    ['in the form of a credential process', 201, JSON.stringify({ Version: 1, AccessKeyId: 'ASIA' })],
    ['that is HTML', 201, '<html>'],
    ['that is HTML with status 200, as of a captive portal', 200, '<!DOCTYPE html><html>'],
    ['that is empty', 200, ''],
    ['that is packed though nobody asked for that', 201, '\x1f\x8b\x08'],
  ])('is not in an answer %s', (_title, status, body) => {
    const error = errorOf(judge(status, body));
    expect(error.code).toBe(status === 403 ? 'credentials.access-denied' : 'credentials.bad-answer');
    expect(JSON.stringify([error.message, error.details, error.hint])).not.toContain('the+secret/key');
  });

  it('that is over already is none', () => {
    const answer = judge(201, set({ ...session, expiration: '2026-11-22T11:59:59Z' }));
    expect(errorOf(answer)).toMatchObject({
      code: 'credentials.already-expired',
      message: `the credentials for the role ${roleArn} ended before they came`,
    });
  });
});

describe('a refusal of Roles Anywhere', () => {
  const denied = 'AccessDeniedException:http://internal.amazon.com/coral/';
  const duration =
    'Unable to assume role for R. The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
  const attributes =
    'Unable to assume role for R. Some attributes failed to be mapped into session tags. Issuer: [  ]; Subject: [  ]; SAN: [ DNS/2 ]';
  it.each<[number, string, string, string, LanacmeError['code']]>([
    [403, 'failed', denied, 'Untrusted signing certificate', 'credentials.certificate-refused'],
    [403, 'failed', denied, 'Untrusted Signing Certificate', 'credentials.certificate-refused'],
    [
      403,
      'failed',
      denied,
      'Untrusted certificate. Insufficient certificate',
      'credentials.certificate-unfit',
    ],
    [403, 'failed', denied, `Unable to assume role for ${roleArn}`, 'credentials.role-not-assumable'],
    [403, 'failed', denied, attributes, 'credentials.attributes-refused'],
    [
      400,
      'failed',
      'PackedPolicyTooLargeException',
      'Consumes 112% of allotted space',
      'credentials.attributes-refused',
    ],
    [400, 'failed', '', 'Packed policy consumes 112% of allotted space', 'credentials.attributes-refused'],
    [403, 'failed', denied, duration, 'credentials.duration-too-long'],
    [403, 'failed', denied, 'Signature expired: 20261122T120000Z is now earlier', 'credentials.clock-skew'],
    [403, 'failed', denied, 'Invalid signature', 'credentials.signature-refused'],
    [400, 'failed', denied, 'Untrusted signing certificate', 'credentials.certificate-refused'],
    [403, 'failed', denied, 'The certificate has expired', 'credentials.certificate-refused'],
    [403, 'failed', denied, 'Certificate is revoked', 'credentials.certificate-refused'],
    [
      403,
      'failed',
      denied,
      "Credential should be scoped to a valid region, not 'eu-west-1'.",
      'credentials.wrong-endpoint',
    ],
    [403, 'failed', denied, 'Missing Authentication Token', 'credentials.signature-refused'],
    [403, 'failed', '', '<html>Blocked by the proxy</html>', 'credentials.bad-answer'],
    [511, 'retry', '', '<html>Sign in to the network</html>', 'credentials.server-error'],
    [503, 'retry', '', '<html>Service Unavailable</html>', 'credentials.server-error'],
    [403, 'retry', '', 'Rate exceeded', 'credentials.throttled'],
    [403, 'failed', denied, 'Access denied', 'credentials.access-denied'],
    [403, 'failed', denied, '', 'credentials.access-denied'],
    [401, 'failed', '', '', 'credentials.access-denied'],
    [400, 'failed', 'ValidationException', 'Value at profileArn', 'credentials.request-refused'],
    [404, 'failed', 'ResourceNotFoundException', 'Profile not found', 'credentials.profile-missing'],
    [404, 'failed', 'ResourceNotFoundException', '', 'credentials.trust-anchor-missing'],
    [404, 'failed', 'UnknownOperationException', '', 'credentials.wrong-endpoint'],
    [429, 'retry', 'ThrottlingException', 'Rate exceeded', 'credentials.throttled'],
    [400, 'retry', 'ns#ThrottlingException', 'Rate exceeded', 'credentials.throttled'],
    [500, 'retry', 'InternalServerException', '', 'credentials.server-error'],
    [302, 'failed', '', '', 'credentials.bad-answer'],
  ])('with %i is %s: %s %s', (status, kind, type, message, code) => {
    const inHeader = judge(status, JSON.stringify({ message }), { 'x-amzn-errortype': type });
    const inBody = judge(status, JSON.stringify({ Message: message, __type: type }));
    for (const verdict of [inHeader, inBody]) {
      expect([verdict.kind, errorOf(verdict).code]).toEqual([kind, code]);
      expect(errorOf(verdict).details[0]).toContain(message);
    }
  });

  it.each([
    [
      'in the header, with a link',
      { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/' },
      {},
    ],
    [
      'in the header, with a namespace',
      { 'x-amzn-errortype': 'com.amazon#ThrottlingException:http://a#b' },
      {},
    ],
    ['as __type', {}, { __type: 'com.amazonaws.rolesanywhere#ThrottlingException' }],
    ['as code', {}, { code: 'ThrottlingException' }],
  ])('has its type %s', (_title, headers, body) => {
    const verdict = judge(400, JSON.stringify(body), headers);
    expect([verdict.kind, errorOf(verdict).code]).toEqual(['retry', 'credentials.throttled']);
    expect(errorOf(verdict).details[0]).toBe('status 400, ThrottlingException');
  });

  it('tells the words and the request id of AWS, and no more of a long page than fits', () => {
    const page = errorOf(judge(403, `<html>${'x'.repeat(5000)}`, { 'x-amzn-requestid': 'id-1' }));
    expect(page.details).toEqual([expect.stringMatching(/^status 403: <html>x{294}$/), 'request id id-1']);
  });

  it('of a name is one only if a name was asked for', () => {
    const body = JSON.stringify({ message: 'The profile does not accept a custom role session name' });
    const named = judge(403, body, {}, { sessionName: 'pump-7' });
    expect(errorOf(named).code).toBe('credentials.session-name-refused');
    expect(errorOf(named).hint).toContain('update-profile --profile-id PR --accept-role-session-name');
    expect(errorOf(judge(403, body)).code).toBe('credentials.access-denied');
  });

  it('that a far clock explains blames the clock, whatever the words', () => {
    const far = { date: 'Sun, 22 Nov 2026 12:06:00 GMT' };
    const says = (message: string) => errorOf(judge(403, JSON.stringify({ message }), far)).code;
    expect(says('Access denied')).toBe('credentials.clock-skew');
    expect(says('Invalid signature')).toBe('credentials.clock-skew');
    // The signature was good when AWS says this.
    expect(says('Unable to assume role for R')).toBe('credentials.role-not-assumable');
  });
});
