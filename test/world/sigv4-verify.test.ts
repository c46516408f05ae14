import { describe, expect, it } from 'vitest';
import { AwsSessions } from './aws-sessions.ts';
import { type SigningKeys, signedHeaders, type ToSign } from './sigv4-sign.ts';
import { AuthenticationFailed, type SignedRequest, verifySignature } from './sigv4-verify.ts';

const now = new Date('2026-11-22T12:00:00Z');
const route53 = { service: 'route53', region: 'us-east-1' };
const sessions = new AwsSessions({ now: () => now });
const session = sessions.issue({ roleName: 'R', sessionName: 'S', policies: [] });
const user = sessions.addUser('admin', []);

function signed(keys: SigningKeys, overrides: Partial<ToSign> = {}): SignedRequest {
  const request = {
    method: 'POST',
    host: '127.0.0.1:8080',
    target: '/2013-04-01/hostedzone/Z1/rrset/',
    body: '<a/>',
    date: now,
    ...overrides,
  };
  return {
    method: request.method,
    target: request.target,
    headers: signedHeaders(request, keys),
    body: Buffer.from(request.body),
  };
}

async function refusal(request: SignedRequest, scope = route53, at = now): Promise<string> {
  return await verifySignature(request, sessions, scope, at).then(
    () => 'let in',
    (error: unknown) => {
      if (!(error instanceof AuthenticationFailed)) throw error;
      return `${error.status} ${error.code}: ${error.message}`;
    },
  );
}

const withHeader = (request: SignedRequest, name: string, value: string | undefined): SignedRequest => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries({ ...request.headers, [name]: value }).flatMap(([key, each]) =>
      each === undefined ? [] : [[key, each]],
    ),
  ),
});

describe('a good signature', () => {
  it("AWS's own test vector get-vanilla", async () => {
    const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
    const principal = { ...keys, arn: 'arn:aws:iam::1:user/x', policies: [], context: {} };
    const request = {
      method: 'GET',
      target: '/',
      headers: {
        host: 'example.amazonaws.com',
        'x-amz-date': '20150830T123600Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
          'SignedHeaders=host;x-amz-date, ' +
          'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
      },
      body: Buffer.alloc(0),
    };
    const scope = { service: 'service', region: 'us-east-1' };
    const date = new Date('2015-08-30T12:36:00Z');
    await expect(verifySignature(request, { lookup: () => principal }, scope, date)).resolves.toBe(principal);
    const { authorization } = signedHeaders(
      { ...request, host: 'example.amazonaws.com', body: '', date, service: 'service' },
      keys,
    );
    expect(authorization).toBe(request.headers.authorization);
  });

  it.each([
    ['a session', session],
    ['a user', user],
  ])('of %s', async (_, keys) => {
    await expect(verifySignature(signed(keys), sessions, route53, now)).resolves.toMatchObject({
      accessKeyId: keys.accessKeyId,
    });
  });

  it.each([
    '/2013-04-01/hostedzonesbyname?dnsname=lan.example&maxitems=1',
    '/2013-04-01/hostedzone/Z1/rrset?name=%5C052.lan.example.&type=TXT',
    '/2013-04-01/change/%2Fchange%2FC1',
    '/2013-04-01/hostedzone/Z1/rrset?identifier=%22a%20b%22&name=a&type=TXT',
  ])('over %s', async (target) => {
    expect(await refusal(signed(session, { method: 'GET', target, body: '' }))).toBe('let in');
  });

  it.each([-300, 300])('with a clock %i seconds off', async (seconds) => {
    expect(await refusal(signed(session, { date: new Date(now.getTime() + seconds * 1000) }))).toBe('let in');
  });
});

describe('who is refused', () => {
  const doesNotMatch =
    '403 SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. ' +
    'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
  const invalidToken = '403 InvalidClientTokenId: The security token included in the request is invalid.';
  const good = signed(session);

  it.each<readonly [string, SignedRequest, string]>([
    [
      'nobody in particular',
      withHeader(good, 'authorization', undefined),
      '403 MissingAuthenticationToken: Missing Authentication Token',
    ],
    [
      'another algorithm',
      withHeader(good, 'authorization', 'AWS3-HTTPS x'),
      `403 IncompleteSignature: Unsupported AWS 'algorithm': 'AWS3-HTTPS'.`,
    ],
    [
      'half an authorization',
      withHeader(good, 'authorization', 'AWS4-HMAC-SHA256 Credential=x'),
      `403 IncompleteSignature: Authorization header requires 'Signature' parameter. Authorization header requires ` +
        `'SignedHeaders' parameter.`,
    ],
    [
      'a scope of four parts',
      withHeader(
        good,
        'authorization',
        'AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=0',
      ),
      '403 IncompleteSignature: Credential must have exactly 5 slash-delimited elements',
    ],
    [
      'a scope that ends otherwise',
      withHeader(
        good,
        'authorization',
        'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0',
      ),
      `403 SignatureDoesNotMatch: Credential should be scoped with a valid terminator: 'aws4_request'.`,
    ],
    [
      'no date',
      withHeader(good, 'x-amz-date', undefined),
      `403 IncompleteSignature: Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`,
    ],
    [
      'a date in other clothes',
      withHeader(good, 'x-amz-date', '2026-11-22T12:00:00Z'),
      `403 IncompleteSignature: Date must be in ISO-8601 'basic format'. Got '2026-11-22T12:00:00Z'.`,
    ],
    [
      'a date of another day than the scope',
      withHeader(good, 'x-amz-date', '20261123T000000Z'),
      '403 SignatureDoesNotMatch: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP',
    ],
    [
      'another region',
      signed(session, { region: 'eu-central-1' }),
      `403 SignatureDoesNotMatch: Credential should be scoped to a valid region, not 'eu-central-1'.`,
    ],
    [
      'another service',
      signed(session, { service: 's3' }),
      `403 SignatureDoesNotMatch: Credential should be scoped to correct service: 'route53'.`,
    ],
    ['an unknown key', signed({ ...session, accessKeyId: 'ASIAUNKNOWN' }), invalidToken],
    ['a session without its token', signed({ ...user, accessKeyId: session.accessKeyId }), invalidToken],
    ['a session with another token', signed({ ...session, sessionToken: 'other' }), invalidToken],
    ['a user with a token', signed({ ...user, sessionToken: 'other' }), invalidToken],
    ['another secret', signed({ ...session, secretAccessKey: user.secretAccessKey }), doesNotMatch],
    ['another body', { ...good, body: Buffer.from('<b/>') }, doesNotMatch],
    ['another path', { ...good, target: '/2013-04-01/hostedzone/Z2/rrset/' }, doesNotMatch],
    ['another query', { ...good, target: `${good.target}?maxitems=1` }, doesNotMatch],
    ['another method', { ...good, method: 'GET' }, doesNotMatch],
    ['another host', withHeader(good, 'host', 'other'), doesNotMatch],
    ['a body hash that is not the body’s', signed(session, { payloadHash: '0'.repeat(64) }), doesNotMatch],
    [
      'a header of AWS that is not signed',
      withHeader(good, 'x-amz-meta', 'x'),
      `403 SignatureDoesNotMatch: 'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization.`,
    ],
    [
      'a clock more than five minutes behind',
      signed(session, { date: new Date('2026-11-22T11:54:59Z') }),
      '403 SignatureDoesNotMatch: Signature expired: 20261122T115459Z is now earlier than 20261122T115500Z ' +
        '(20261122T120000Z - 5 min.)',
    ],
    [
      'a clock more than five minutes ahead',
      signed(session, { date: new Date('2026-11-22T12:05:01Z') }),
      '403 SignatureDoesNotMatch: Signature not yet current: 20261122T120501Z is still later than 20261122T120500Z ' +
        '(20261122T120000Z + 5 min.)',
    ],
  ])('%s', async (_, request, wanted) => {
    expect(await refusal(request)).toBe(wanted);
  });

  it('a clock that is off, in the other words', async () => {
    const request = signed(session, { date: new Date('2026-11-22T11:54:59Z') });
    const scope = { ...route53, skewCode: 'RequestExpired' as const };
    expect(await refusal(request, scope)).toBe('400 RequestExpired: Request has expired.');
  });

  it('a session that is over', async () => {
    const at = session.expiration;
    const expired = '403 ExpiredToken: The security token included in the request is expired';
    expect(await refusal(signed(session, { date: at }), route53, at)).toBe(expired);
    const before = new Date(at.getTime() - 1);
    expect(await refusal(signed(session, { date: before }), route53, before)).toBe('let in');
  });

  it('a session that is over and never was theirs', async () => {
    const { expiration: date } = session;
    const forged = signed({ ...session, secretAccessKey: 'guessed' }, { date });
    expect(await refusal(forged, route53, date)).toBe(doesNotMatch);
  });
});
