import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type HttpsAnswer, type HttpsOptions, httpsRequest } from '../support/https-request.ts';
import { AwsSessions } from './aws-sessions.ts';
import type { PolicyDocument } from './iam-policy.ts';
import { type IotCredentialsServer, startIotCredentials } from './iot-credentials-server.ts';
import type { DeviceCertificate } from './iot-registry.ts';
import { type Issued, makeCa, type TestCa } from './pki.ts';

const policies: readonly PolicyDocument[] = [
  { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'route53:GetChange', Resource: '*' } },
];
const now = new Date('2026-11-22T12:00:00.700Z');
const sessions = new AwsSessions({ now: () => now });
let iot: IotCredentialsServer;
let ca: TestCa;
let device: Issued;
let certificate: DeviceCertificate;

beforeAll(async () => {
  iot = await startIotCredentials({ sessions, now: () => now });
  ca = await makeCa();
  device = await ca.issueDevice();
});
afterAll(async () => {
  await iot.close();
});
beforeEach(() => {
  iot.forgetRequests();
  iot.faults.clear();
  iot.badCertificates = 'forbidden';
  certificate = iot.registry.addCertificate(device.certPem, {
    things: { dashboard: undefined, pump: 'machine' },
    allowedAliases: ['lanacme', 'missing', 'mistrusted', 'long'],
  });
  iot.registry.setAlias('lanacme', { roleName: 'LanAcme', policies });
  iot.registry.setAlias('mistrusted', { roleName: 'LanAcme', policies, isAssumable: false });
  iot.registry.setAlias('long', { roleName: 'LanAcme', policies, durationSeconds: 7200 });
  iot.registry.setAlias('others', { roleName: 'Others', policies });
});

type Asked = HttpsOptions & { readonly isWithoutCertificate?: boolean };
const ask = async (
  alias: string,
  thingName?: string,
  { isWithoutCertificate, ...options }: Asked = {},
): Promise<HttpsAnswer> =>
  await httpsRequest(`https://${iot.endpoint}/role-aliases/${alias}/credentials`, {
    ca: iot.caPem,
    ...(isWithoutCertificate === true ? {} : { cert: device.certPem, key: device.keyPem }),
    headers: thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName },
    ...options,
  });
const credentialsIn = (answer: HttpsAnswer): Record<string, string> =>
  (JSON.parse(answer.body) as { credentials: Record<string, string> }).credentials;

test('a good certificate gets credentials of the role, for the alias’s time, with its id and thing in the session', async () => {
  const answer = await ask('lanacme', 'pump');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json');
  const credentials = credentialsIn(answer);
  expect(credentials['accessKeyId']).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(credentials['expiration']).toBe('2026-11-22T13:00:00Z');
  const id = new X509Certificate(device.certPem).fingerprint256.replaceAll(':', '').toLowerCase();
  expect(sessions.lookup(credentials['accessKeyId'] ?? '')).toMatchObject({
    secretAccessKey: credentials['secretAccessKey'],
    sessionToken: credentials['sessionToken'],
    arn: `arn:aws:sts::123456789012:assumed-role/LanAcme/${id}`,
    policies,
    context: {
      'credentials-iot:AwsCertificateId': id,
      'credentials-iot:ThingName': 'pump',
      'credentials-iot:ThingTypeName': 'machine',
    },
  });
});

test('the session of a thing without a type has no type; without a thing name it has no thing either', async () => {
  const typeless = sessions.lookup(credentialsIn(await ask('lanacme', 'dashboard'))['accessKeyId'] ?? '');
  expect(Object.keys(typeless?.context ?? {})).toEqual([
    'credentials-iot:AwsCertificateId',
    'credentials-iot:ThingName',
  ]);
  const thingless = sessions.lookup(credentialsIn(await ask('lanacme'))['accessKeyId'] ?? '');
  expect(Object.keys(thingless?.context ?? {})).toEqual(['credentials-iot:AwsCertificateId']);
});

test.for([
  [
    403,
    'AccessDeniedException',
    'Invalid thing name passed',
    'an unattached thing, whatever the alias',
    'nonsense',
    'stranger',
  ],
  [
    403,
    'AccessDeniedException',
    'Invalid thing name passed',
    'a thing name in another case',
    'lanacme',
    'Dashboard',
  ],
  [
    403,
    'AccessDeniedException',
    'Access Denied',
    'an alias that the policy does not allow, existing',
    'others',
    'dashboard',
  ],
  [
    403,
    'AccessDeniedException',
    'Access Denied',
    'a misspelt alias, before its existence is looked at',
    'lanacne',
    undefined,
  ],
  [
    404,
    'ResourceNotFoundException',
    'Role alias does not exist',
    'an allowed alias that does not exist',
    'missing',
    'dashboard',
  ],
  [
    400,
    'InvalidRequestException',
    'Unable to assume the role, or the role to assume does not exist',
    'a role that does not trust the service',
    'mistrusted',
    'dashboard',
  ],
  [
    400,
    'InvalidRequestException',
    'The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role',
    'an alias that lasts longer than its role may',
    'long',
    'dashboard',
  ],
] as const)('%i %s "%s": %s', async ([status, errorType, message, , alias, thing]) => {
  const answer = await ask(alias, thing);
  expect(answer).toMatchObject({ status, body: JSON.stringify({ message }) });
  expect(answer.headers).toMatchObject({
    'x-amzn-errortype': errorType,
    'x-amzn-requestid': iot.requests[0]?.requestId,
  });
  expect(iot.requests).toMatchObject([{ status, message, thingName: thing, certificateId: certificate.id }]);
});

const badCertificates: Readonly<Record<string, () => Promise<Asked> | Asked>> = {
  'none at all': () => ({ isWithoutCertificate: true }),
  'one that the account does not know': async () => {
    const { certPem, keyPem } = await ca.issueDevice();
    return { cert: certPem, key: keyPem };
  },
  'an inactive one': () => {
    certificate.status = 'INACTIVE';
    return {};
  },
  'a revoked one': () => {
    certificate.status = 'REVOKED';
    return {};
  },
  'an expired one': async () => {
    const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2026-11-22T11:59:59Z') };
    const { certPem, keyPem } = await ca.issueDevice({ validity });
    iot.registry.addCertificate(certPem, { allowedAliases: ['*'] });
    return { cert: certPem, key: keyPem };
  },
};
test.for(Object.keys(badCertificates))(
  'a certificate that is not good, %s, is refused either way',
  async (which) => {
    const options = (await badCertificates[which]?.()) ?? {};
    const answer = await ask('lanacme', undefined, options);
    expect(answer).toMatchObject({
      status: 403,
      body: '{"message":"Certificate is invalid on this endpoint"}',
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    });
    expect(iot.requests[0]?.certificateId).toBeUndefined();

    iot.badCertificates = 'closed';
    const closedBefore = iot.closedConnections;
    await expect(ask('lanacme', undefined, options)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(iot.closedConnections).toBe(closedBefore + 1);
    expect(iot.requests).toHaveLength(1);
  },
);

test.for([
  ['no name', ''],
  ['another name', 'data.iot.example'],
] as const)('TLS with %s in place of the endpoint’s is refused', async ([, servername]) => {
  const answer = await ask('lanacme', undefined, { servername, isAnyServer: true });
  expect(answer).toMatchObject({
    status: 403,
    body: '{"message":"Certificate is invalid on this endpoint"}',
  });
  expect(iot.requests[0]?.servername).toBe(servername === '' ? undefined : servername);
});

test('a session may last as long as the role allows', async () => {
  iot.registry.setAlias('long', {
    roleName: 'R',
    policies,
    durationSeconds: 43_200,
    maxSessionSeconds: 43_200,
  });
  expect(credentialsIn(await ask('long'))['expiration']).toBe('2026-11-23T00:00:00Z');
});

test('an alias is read as it was escaped', async () => {
  iot.registry.setAlias('a=b,c@d', { roleName: 'R', policies });
  certificate.allowedAliases = ['*'];
  expect((await ask(encodeURIComponent('a=b,c@d'))).status).toBe(200);
  expect((await ask('a=b,c@d')).status).toBe(200);
});

test.for([
  ['another path', '/credentials', 'GET'],
  ['a query', '/role-aliases/lanacme/credentials?x=1', 'GET'],
  ['another method', '/role-aliases/lanacme/credentials', 'POST'],
  ['a broken escape', '/role-aliases/%zz/credentials', 'GET'],
] as const)('%s is not found', async ([, path, method]) => {
  const answer = await httpsRequest(`https://${iot.endpoint}${path}`, {
    ca: iot.caPem,
    cert: device.certPem,
    key: device.keyPem,
    method,
  });
  expect(answer.status).toBe(404);
  expect(JSON.parse(answer.body)).toEqual({ message: 'Not Found', traceId: expect.any(String) as string });
});

test('faults come in the order and number in which they were planned, then all is well', async () => {
  iot.faults.add({ kind: 'refuse', status: 503 }, { times: 2, after: 1 });
  iot.faults.add({ kind: 'refuse', status: 429, message: 'Rate exceeded', headers: { 'retry-after': '3' } });
  const statuses = [];
  for (let count = 0; count < 5; count += 1) statuses.push((await ask('lanacme')).status);
  expect(statuses).toEqual([200, 503, 503, 429, 200]);
  expect(iot.requests.map(({ status }) => status)).toEqual(statuses);
});

test('each fault does to the answer what it says', async () => {
  iot.faults.add({ kind: 'page', status: 200 });
  expect(await ask('lanacme')).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });

  iot.faults.add({ kind: 'data endpoint' });
  expect(await ask('lanacme')).toMatchObject({
    status: 404,
    body: expect.stringContaining('traceId') as string,
  });

  iot.faults.add({ kind: 'other json', body: { credentials: {} } });
  expect(await ask('lanacme')).toMatchObject({ status: 200, body: '{"credentials":{}}' });

  iot.faults.add({ kind: 'reset' });
  await expect(ask('lanacme')).rejects.toThrow(/socket hang up|ECONNRESET/);

  iot.faults.add({ kind: 'half' });
  await expect(ask('lanacme')).rejects.toThrow('aborted');

  iot.faults.add({ kind: 'huge', bytes: 3_000_000 });
  const huge = await ask('lanacme');
  expect(huge.body).toHaveLength(3_000_000);
  expect(credentialsIn(huge)).toHaveProperty('accessKeyId');

  iot.faults.add({ kind: 'hang' });
  const seen = iot.requests.length;
  const leaving = new AbortController();
  const unanswered = ask('lanacme', undefined, { signal: leaving.signal });
  await expect.poll(() => iot.requests.length).toBe(seen + 1);
  leaving.abort();
  await expect(unanswered).rejects.toThrow('aborted');

  iot.faults.add({ kind: 'wrong date', offsetMs: -3_600_000 });
  expect((await ask('lanacme')).headers['date']).toBe('Sun, 22 Nov 2026 11:00:00 GMT');

  iot.faults.add({ kind: 'expired' });
  expect(credentialsIn(await ask('lanacme'))['expiration']).toBe('2026-11-22T11:59:00Z');

  iot.faults.add({ kind: 'delay', milliseconds: 60 });
  const before = performance.now();
  expect((await ask('lanacme')).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThan(55);
  expect((await ask('lanacme')).status).toBe(200);
});

test('a request that is not looked at gets no session', async () => {
  const before = sessions.accessKeyIds().length;
  iot.faults.add({ kind: 'refuse', status: 500 });
  await ask('lanacme');
  await ask('others');
  expect(sessions.accessKeyIds()).toHaveLength(before);
});

test('the log of requests holds no secret', async () => {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsIn(await ask('lanacme', 'dashboard'));
  const log = JSON.stringify(iot.requests);
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) expect(log).not.toContain(secret);
});

test('an endpoint of another name answers to that name only', async () => {
  const host = 'prefix.credentials.iot.eu-central-1.example';
  const named = await startIotCredentials({ sessions, host, now: () => now });
  try {
    named.registry.addCertificate(device.certPem, { allowedAliases: ['*'] });
    named.registry.setAlias('lanacme', { roleName: 'R', policies });
    expect(named.endpoint).toBe(`${host}:${named.port}`);
    const url = `https://127.0.0.1:${named.port}/role-aliases/lanacme/credentials`;
    const asked = { ca: named.caPem, cert: device.certPem, key: device.keyPem };
    expect((await httpsRequest(url, { ...asked, servername: host })).status).toBe(200);
    await expect(httpsRequest(url, asked)).rejects.toThrow(/altnames/);
  } finally {
    await named.close();
  }
});
