import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type HttpsAnswer, httpsRequest } from '../support/https-request.ts';
import { AwsSessions } from './aws-sessions.ts';
import { evaluate, type PolicyDocument } from './iam-policy.ts';
import { type DeviceCertificateRequest, daysFromNow, type Issued, makeCa, type TestCa } from './pki.ts';
import { type Profile, type TrustedRole, trustOf } from './roles-anywhere-registry.ts';
import { type RolesAnywhereServer, startRolesAnywhere } from './roles-anywhere-server.ts';
import type { TrustAnchor } from './trust-anchor.ts';
import { type Misspelt, type SessionRequestToSign, signedHeadersOf } from './x509-sign.ts';

const changes = 'route53:ChangeResourceRecordSets';
const namesKey = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
/** Each host its own challenge. */
const policies: readonly PolicyDocument[] = [
  {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: changes,
      Resource: '*',
      Condition: {
        'ForAllValues:StringEquals': { [namesKey]: [`_acme-challenge.\${aws:PrincipalTag/x509Subject/CN}`] },
      },
    },
  },
];
let now: Date;
const sessions = new AwsSessions({ now: () => now });
let server: RolesAnywhereServer;
let ca: TestCa;
let device: Issued;
let anchor: TrustAnchor;
let profile: Profile;
let role: TrustedRole;

beforeAll(async () => {
  server = await startRolesAnywhere({ sessions, now: () => now });
  ca = await makeCa();
  device = await ca.issueDevice({ commonName: 'nas.lan.example' });
});
afterAll(async () => {
  await server.close();
});
beforeEach(() => {
  now = new Date();
  server.forgetRequests();
  server.faults.clear();
  server.messageMember = 'message';
  anchor = server.registry.addTrustAnchor([ca.certPem]);
  const trust = trustOf(anchor.arn, { StringLike: { 'aws:PrincipalTag/x509Subject/CN': '*.lan.example' } });
  role = server.registry.addRole('lan/lanacme-dns', { trust, policies });
  profile = server.registry.addProfile([role.arn]);
});

interface Asked extends Partial<Omit<SessionRequestToSign, 'body'>> {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly misspelt?: Misspelt;
  readonly extra?: Readonly<Record<string, string>>;
}
const ask = async ({ body, misspelt, extra, ...about }: Asked = {}): Promise<HttpsAnswer> => {
  const arns = { profileArn: profile.arn, roleArn: role.arn, trustAnchorArn: anchor.arn };
  const text = JSON.stringify({ ...arns, ...body });
  const host = `localhost:${server.port}`;
  const toSign = { ...device, host, region: server.region, date: now, body: text, ...about };
  const headers = { ...signedHeadersOf(toSign, misspelt), ...extra };
  return await httpsRequest(`${server.endpoint}/sessions`, {
    ca: server.caPem,
    method: 'POST',
    headers,
    body: text,
  });
};

interface Created {
  readonly credentialSet: readonly {
    readonly assumedRoleUser: { readonly arn: string };
    readonly credentials: Readonly<Record<string, string>>;
    readonly roleArn: string;
    readonly sourceIdentity: string;
  }[];
  readonly subjectArn: string;
}
const createdIn = (answer: HttpsAnswer): Created => {
  expect([answer.status, answer.body]).toEqual([201, expect.stringContaining('credentialSet')]);
  return JSON.parse(answer.body) as Created;
};
const messageIn = ({ body }: HttpsAnswer): string => (JSON.parse(body) as { message: string }).message;

test.for(['ec256', 'ec384', 'rsa2048'] as const)(
  'a certificate with an %s key gets a session of the role that is known to AWS',
  async (keyType) => {
    const own = await ca.issueDevice({ commonName: 'nas.lan.example', keyType });
    const { credentialSet, subjectArn } = createdIn(await ask(own));
    const serial = new X509Certificate(own.certPem).serialNumber.toLowerCase();
    const [session] = credentialSet;
    expect(session).toMatchObject({
      assumedRoleUser: { arn: `arn:aws:sts::123456789012:assumed-role/lanacme-dns/${serial}` },
      roleArn: 'arn:aws:iam::123456789012:role/lan/lanacme-dns',
      sourceIdentity: 'CN=nas.lan.example',
    });
    expect(subjectArn).toMatch(/^arn:aws:rolesanywhere:eu-west-2:123456789012:subject\//);
    const { accessKeyId = '', secretAccessKey, sessionToken, expiration } = session?.credentials ?? {};
    expect(expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(sessions.lookup(accessKeyId)).toMatchObject({ secretAccessKey, sessionToken });
    expect(server.requests).toMatchObject([{ serialNumber: serial, sessionName: serial, status: 201 }]);
  },
);

test('the role’s policy sees the certificate’s name: this host’s challenge and no other', async () => {
  const { credentialSet } = createdIn(await ask());
  const principal = sessions.lookup(credentialSet[0]?.credentials['accessKeyId'] ?? '');
  const verdict = (name: string): string =>
    evaluate(principal?.policies ?? [], {
      action: changes,
      resource: 'arn:aws:route53:::hostedzone/Z1',
      context: { ...principal?.context, [namesKey]: [name] },
    });
  expect(verdict('_acme-challenge.nas.lan.example')).toBe('allowed');
  expect(verdict('_acme-challenge.mail.lan.example')).toBe('implicitly denied');
});

test('a session’s tags are of subject, issuer and the first alternative name; what is no tag value is left out', async () => {
  const own = await ca.issueDevice({
    subject: [{ CN: ['nas.lan.example'] }, { O: ['Home'] }, { OU: ['a'] }, { OU: ['b'] }],
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: '*.nas.lan.example' },
        { type: 'dns', value: 'second.lan.example' },
        { type: 'url', value: 'urn:nas' },
      ]),
    ],
  });
  const { credentialSet } = createdIn(await ask(own));
  expect(sessions.lookup(credentialSet[0]?.credentials['accessKeyId'] ?? '')?.context).toEqual({
    'aws:SourceIdentity': 'CN=nas.lan.example',
    'aws:PrincipalTag/x509Subject/CN': 'nas.lan.example',
    'aws:PrincipalTag/x509Subject/O': 'Home',
    'aws:PrincipalTag/x509Subject/OU': 'a/b',
    'aws:PrincipalTag/x509Issuer/CN': 'lanacme test CA',
    'aws:PrincipalTag/x509SAN/URI': 'urn:nas',
  });
});

describe('the chain', () => {
  test('a leaf below an intermediate is good with it, and untrusted without', async () => {
    const below = await (await ca.issueCa()).issueCa({ commonName: 'two below' });
    const middle = await ca.issueCa();
    const own = await middle.issueDevice({ commonName: 'nas.lan.example', hash: 'SHA-384' });
    createdIn(await ask({ ...own, chain: [below.certPem, middle.certPem] }));
    const without = await ask(own);
    expect([without.status, messageIn(without)]).toEqual([403, 'Untrusted signing certificate']);
  });

  test('an intermediate that has expired ends it', async () => {
    const past = { notBefore: daysFromNow(1).notBefore, notAfter: new Date(Date.now() - 1000) };
    const expired = await ca.issueCa({ validity: past });
    const own = await expired.issueDevice({ commonName: 'nas.lan.example' });
    expect(messageIn(await ask({ ...own, chain: [expired.certPem] }))).toBe('Untrusted signing certificate');
  });

  test('the leaf of another CA of the same name is untrusted', async () => {
    const own = await (await makeCa()).issueDevice({ commonName: 'nas.lan.example' });
    expect(messageIn(await ask(own))).toBe('Untrusted signing certificate');
  });

  test.for([
    ['expired', -30, -1],
    ['not yet valid', 1, 30],
  ] as const)('a certificate that is %s is untrusted', async ([, from, to]) => {
    const day = 86_400_000;
    const validity = {
      notBefore: new Date(now.getTime() + from * day),
      notAfter: new Date(now.getTime() + to * day),
    };
    const own = await ca.issueDevice({ commonName: 'nas.lan.example', validity });
    expect(messageIn(await ask(own))).toBe('Untrusted signing certificate');
  });

  test('six certificates in the header are too many', async () => {
    const answer = await ask({ chain: Array.from({ length: 6 }, () => ca.certPem) });
    expect([answer.status, messageIn(answer)]).toEqual([403, expect.stringContaining('more than 5')]);
  });
});

const signing = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
test.for<[string, DeviceCertificateRequest]>([
  [
    'without digitalSignature',
    { extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyAgreement)] },
  ],
  ['without any key usage', { extensions: [] }],
  ['of a CA', { extensions: [signing, new x509.BasicConstraintsExtension(true)] }],
  ['without a subject', { subject: [] }],
  ['signed with SHA-1', { hash: 'SHA-1' }],
])('a certificate %s is insufficient', async ([, about]) => {
  const own = await ca.issueDevice({ commonName: 'nas.lan.example', ...about });
  const answer = await ask(own);
  expect([answer.status, messageIn(answer)]).toEqual([
    403,
    'Untrusted certificate. Insufficient certificate',
  ]);
});

test('extended key usage and basic constraints may be absent', async () => {
  createdIn(await ask(await ca.issueDevice({ commonName: 'nas.lan.example', extensions: [signing] })));
});

test.for<[string, string, Misspelt]>([
  [
    'another signature',
    'does not match',
    { signature: (right) => right.replace(/..$/, (end) => (end === '00' ? '01' : '00')) },
  ],
  ['a serial in hex of digits only', 'serial number', { serial: '1' }],
  ['the other algorithm', 'algorithm', { label: 'AWS4-X509-RSA-SHA256' }],
  ['another region', 'region', { region: 'eu-west-1' }],
  ['an unsigned x-amz-x509', 'have to be signed: x-amz-x509', { unsignedHeader: 'x-amz-x509' }],
  ['an unsigned host', 'have to be signed: host', { unsignedHeader: 'host' }],
  ['a signature in capitals', 'Missing Authentication Token', { signature: (right) => right.toUpperCase() }],
])('%s is refused with 403', async ([, message, misspelt]) => {
  const answer = await ask({ misspelt });
  expect([answer.status, messageIn(answer)]).toEqual([403, expect.stringContaining(message)]);
});

test('a chain that is sent has to be signed', async () => {
  const extra = { 'x-amz-x509-chain': new X509Certificate(ca.certPem).raw.toString('base64') };
  expect(messageIn(await ask({ extra }))).toContain('have to be signed: x-amz-x509-chain');
});

test('without Authorization: 403', async () => {
  expect((await ask({ extra: { authorization: '' } })).status).toBe(403);
});

test.for([
  [-301, 403, 'Signature expired'],
  [301, 403, 'Signature not yet current'],
  [-298, 201, ''],
  [298, 201, ''],
] as const)('a clock that is off by %i seconds: %i', async ([seconds, status, message]) => {
  const answer = await ask({ date: new Date(now.getTime() + seconds * 1000) });
  expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(message)]);
});

describe('the role', () => {
  const unable = 'Unable to assume role for arn:aws:iam::123456789012:role/lan/lanacme-dns';
  const refusals: readonly [string, () => Promise<Asked> | Asked][] = [
    [
      'does not trust the name of the certificate',
      async () => await ca.issueDevice({ commonName: 'nas.wan.example' }),
    ],
    [
      'trusts another anchor',
      () => {
        role.trust = trustOf('arn:aws:rolesanywhere:eu-west-2:123456789012:trust-anchor/other');
        return {};
      },
    ],
    [
      'does not allow sts:TagSession',
      () => {
        role.trust = role.trust.map((one) => ({
          ...one,
          Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
        }));
        return {};
      },
    ],
    [
      'trusts another service',
      () => {
        role.trust = role.trust.map((one) => ({ ...one, Principal: { Service: 'ec2.amazonaws.com' } }));
        return {};
      },
    ],
    [
      'denies this host',
      () => {
        const [allow] = role.trust;
        const condition = { StringEquals: { 'aws:PrincipalTag/x509Subject/CN': 'nas.lan.example' } };
        if (allow) role.trust = [allow, { ...allow, Effect: 'Deny', Condition: condition }];
        return {};
      },
    ],
    [
      'is not of the profile',
      () => {
        profile.roleArns = [];
        return {};
      },
    ],
  ];
  test.for(refusals)('%s: unable to assume', async ([, arrange]) => {
    const answer = await ask(await arrange());
    expect([answer.status, messageIn(answer)]).toEqual([403, unable]);
  });

  test('does not exist: unable to assume', async () => {
    const answer = await ask({ body: { roleArn: 'arn:aws:iam::123456789012:role/nobody' } });
    expect(messageIn(answer)).toBe('Unable to assume role for arn:aws:iam::123456789012:role/nobody');
  });

  test('the shorter of both durations counts, and more than the role’s maximum is refused, not cut', async () => {
    const secondsOf = async (asked: Asked): Promise<number> => {
      const { expiration = '' } = createdIn(await ask(asked)).credentialSet[0]?.credentials ?? {};
      return Math.round((Date.parse(expiration) - now.getTime()) / 1000);
    };
    expect(await secondsOf({})).toBeCloseTo(3600, -1);
    expect(await secondsOf({ body: { durationSeconds: 900 } })).toBeCloseTo(900, -1);
    profile.durationSeconds = 43_200;
    const tooLong = await ask();
    expect(messageIn(tooLong)).toBe(
      `${unable}. The requested DurationSeconds exceeds the MaxSessionDuration set for this role.`,
    );
    role.maxSessionSeconds = 43_200;
    expect(await secondsOf({})).toBeCloseTo(43_200, -1);
  });
});

test('a session name of one’s own is denied, unless the profile accepts it', async () => {
  const body = { roleSessionName: '287082' };
  expect((await ask({ body })).status).toBe(403);
  profile.acceptRoleSessionName = true;
  const [session] = createdIn(await ask({ body })).credentialSet;
  expect(session?.assumedRoleUser.arn).toBe('arn:aws:sts::123456789012:assumed-role/lanacme-dns/287082');
});

test.for([
  ['a trust anchor that does not exist', 404, 'trustAnchorArn', 'trust-anchor'],
  ['a profile that does not exist', 404, 'profileArn', 'profile'],
] as const)('%s: %i', async ([, status, member, kind]) => {
  const value = `arn:aws:rolesanywhere:eu-west-2:123456789012:${kind}/00000000-0000-0000-0000-000000000000`;
  const answer = await ask({ body: { [member]: value } });
  expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([
    status,
    expect.stringMatching(/^ResourceNotFoundException:/),
  ]);
});

test.for([
  ['roleArn', undefined],
  ['trustAnchorArn', 'nonsense'],
  ['durationSeconds', 899],
  ['durationSeconds', 43_201],
  ['durationSeconds', '3600'],
  ['roleSessionName', 'with space'],
] as const)('%s of %s: 400', async ([member, value]) => {
  const answer = await ask({ body: { [member]: value } });
  expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([
    400,
    expect.stringMatching(/^ValidationException:/),
  ]);
  expect(messageIn(answer)).toContain(member);
});

test('a disabled anchor or profile gives nothing', async () => {
  profile.isEnabled = false;
  expect(messageIn(await ask())).toBe('Profile is disabled');
  anchor.isEnabled = false;
  expect(messageIn(await ask())).toBe('Trust anchor is disabled');
});

test('faults are scripted: 429, a page, the other member of the body', async () => {
  server.faults.add({
    kind: 'refuse',
    status: 429,
    errorType: 'ThrottlingException',
    message: 'Rate exceeded',
  });
  server.faults.add({ kind: 'page', status: 200 });
  const throttled = await ask();
  expect([throttled.status, messageIn(throttled)]).toEqual([429, 'Rate exceeded']);
  expect((await ask()).body).toContain('<html>');
  server.messageMember = 'Message';
  expect((await ask({ misspelt: { serial: '1' } })).body).toContain('{"Message":"The serial');
  expect(server.requests.map(({ status }) => status)).toEqual([429, 200, 403]);
});

test('another path is unknown', async () => {
  const answer = await httpsRequest(`${server.endpoint}/profiles`, { ca: server.caPem });
  expect(answer.status).toBe(404);
});
