import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { afterEach, describe, expect, it } from 'vitest';
import { totp } from '../../src/core/totp.ts';
import { startTlsOpeningProxy } from '../support/tls-opening-proxy.ts';
import { type DeviceCertificateRequest, type Issued, makeCa } from '../world/pki.ts';
import { useRolesAnywhere } from './use-roles-anywhere.ts';

const at = useRolesAnywhere();

const serialOf = ({ certPem }: Issued): string => new X509Certificate(certPem).serialNumber.toLowerCase();

describe('credentials for a certificate of a private CA', () => {
  it.each(['ec256', 'ec384', 'rsa2048'] as const)('are given to an %s key', async (keyType) => {
    const own = await at.ca.issueDevice({ commonName: 'nas.lan.example', keyType });
    await at.install(own);
    const credentials = await at.ask();
    expect(at.sessions.lookup(credentials.accessKeyId)).toMatchObject({
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    });
    expect(credentials.expiration?.getTime()).toBe(
      Math.floor(at.clock.now().getTime() / 1000) * 1000 + 3_600_000,
    );
    expect(at.server.requests).toMatchObject([
      { serialNumber: serialOf(own), sessionName: serialOf(own), status: 201 },
    ]);
    expect(JSON.stringify(at.log.lines)).not.toContain(credentials.secretAccessKey);
  });

  it.each([
    ['PKCS#8', 'ec256', { type: 'pkcs8', format: 'pem' }],
    ['SEC1', 'ec256', { type: 'sec1', format: 'pem' }],
    ['PKCS#1', 'rsa2048', { type: 'pkcs1', format: 'pem' }],
  ] as const)('take a key in %s', async (_form, keyType, form) => {
    const own = await at.ca.issueDevice({ keyType });
    await at.install(own);
    await at.write(
      'key.pem',
      createPrivateKey(own.keyPem)
        .export(form as never)
        .toString(),
    );
    await at.ask();
    expect(at.server.requests).toMatchObject([{ status: 201 }]);
  });

  it('come over intermediates, from a file of their own or the one of the certificate', async () => {
    const above = await at.ca.issueCa();
    const below = await above.issueCa({ commonName: 'lanacme test intermediate CA 2' });
    const own = await below.issueDevice({ commonName: 'nas.lan.example' });
    await at.install(own);
    expect(await at.refusalOf()).toMatchObject({ code: 'credentials.certificate-refused' });
    const chainFile = await at.write('chain.pem', `${below.certPem}${above.certPem}${at.ca.certPem}`);
    await at.ask({ chainFile });
    await at.write('cert.pem', `${own.certPem}${below.certPem}${above.certPem}`);
    await at.ask();
    expect(at.server.requests.map(({ status }) => status)).toEqual([403, 201, 201]);
  });

  it('come through a relay on loopback that does TLS in our place', async () => {
    const { hostname, port } = new URL(at.server.endpoint);
    const relay = createServer((socket) => {
      const onwards = tlsConnect({ host: hostname, port: Number(port), ca: at.server.caPem });
      pipeline(socket, onwards, socket, () => undefined);
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const { port: here } = relay.address() as AddressInfo;
    await at.ask({ endpoint: `http://127.0.0.1:${here}`, httpsProxy: 'http://127.0.0.1:1' });
    expect(at.server.requests).toMatchObject([{ status: 201 }]);
    relay.close();
  });

  it('come with the certificate that is on disk at that moment', async () => {
    await at.ask();
    const next = await at.ca.issueDevice({ commonName: 'nas.lan.example' });
    await at.install(next);
    await at.ask();
    expect(at.server.requests.map(({ serialNumber }) => serialNumber)).toEqual([
      serialOf(at.device),
      serialOf(next),
    ]);
  });

  it('are warned of, and given all the same', async () => {
    const told: string[] = [];
    await at.ask({ warn: ({ serialNumber }) => told.push(serialNumber.toLowerCase()) });
    expect(told).toEqual([serialOf(at.device)]);
  });

  it('may be of a session with a name', async () => {
    at.profile.acceptRoleSessionName = true;
    await at.ask({ sessionName: { text: 'pump-7' } });
    expect(at.server.requests).toMatchObject([{ sessionName: 'pump-7' }]);
  });

  it('may be of a session that is named by the TOTP code of the moment', async () => {
    at.profile.acceptRoleSessionName = true;
    const totpSeedFile = await at.write('seed', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n');
    await at.ask({ sessionName: { totpSeedFile } });
    at.clock.move(60_000);
    await at.ask({ sessionName: { totpSeedFile } });
    const seed = Buffer.from('12345678901234567890');
    expect(at.server.requests.map(({ sessionName }) => sessionName)).toEqual([
      totp(seed, new Date(at.clock.now().getTime() - 60_000)),
      totp(seed, at.clock.now()),
    ]);
  });

  it('are asked for again, with a new date, while AWS is busy', async () => {
    at.server.faults.add({
      kind: 'refuse',
      status: 429,
      errorType: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    at.server.faults.add({ kind: 'refuse', status: 503, headers: { 'retry-after': '9' } });
    at.server.faults.add({ kind: 'reset' });
    await at.ask();
    expect(at.clock.slept.filter((milliseconds) => milliseconds >= 9000)).toHaveLength(1);
    expect(at.server.requests.map(({ status, fault }) => fault?.kind ?? status)).toEqual([
      'refuse',
      'refuse',
      'reset',
      201,
    ]);
  });
});

describe('a proxy that opens TLS', () => {
  it('lets credentials through if AWS_CA_BUNDLE holds its root: the signature is of the request, not of the connection', async () => {
    const proxy = await startTlsOpeningProxy(at.server.caPem);
    try {
      const refusal = await at.refusalOf({ httpsProxy: proxy.url });
      expect([refusal.code, refusal.hint]).toEqual([
        'credentials.server-untrusted',
        expect.stringContaining('AWS_CA_BUNDLE'),
      ]);
      expect([proxy.read, at.server.requests]).toEqual([[], []]);
      await at.write('roots.pem', proxy.caPem);
      await at.ask({ httpsProxy: proxy.url });
      expect(proxy.read).toEqual([expect.arrayContaining(['x-amz-x509', 'authorization'])]);
      expect(at.server.requests).toMatchObject([{ status: 201 }]);
    } finally {
      await proxy.stop();
    }
  });
});

describe('files that are replaced one after the other', () => {
  it('give an error between, and credentials once both are there', async () => {
    await at.ask();
    const next = await at.ca.issueDevice({ commonName: 'nas.lan.example' });
    await at.write('cert.pem', next.certPem);
    expect((await at.refusalOf()).code).toBe('credentials.key-mismatch');
    await at.write('key.pem', next.keyPem);
    await at.ask();
    expect(at.server.requests.map(({ serialNumber }) => serialNumber)).toEqual([
      serialOf(at.device),
      serialOf(next),
    ]);
  });

  it('include the roots of AWS_CA_BUNDLE', async () => {
    await at.write('roots.pem', at.ca.certPem);
    expect((await at.refusalOf()).code).toBe('credentials.server-untrusted');
    await at.write('roots.pem', at.server.caPem);
    await at.ask();
  });
});

describe('a refusal', () => {
  it.each<[string, DeviceCertificateRequest, string]>([
    ['an empty subject', { subject: [] }, 'credentials.certificate-unfit'],
    [
      'no digitalSignature',
      { extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyEncipherment, true)] },
      'credentials.certificate-unfit',
    ],
  ])('of a certificate with %s says so', async (_title, request, code) => {
    await at.install(await at.ca.issueDevice(request));
    const error = await at.refusalOf();
    expect([error.code, error.hint]).toEqual([code, expect.stringContaining('digitalSignature')]);
    expect(at.server.requests).toHaveLength(1);
  });

  it('of a certificate of another CA names the trust anchor', async () => {
    await at.install(await (await makeCa()).issueDevice());
    expect(await at.refusalOf()).toMatchObject({
      code: 'credentials.certificate-refused',
      message: `the certificate in ${at.file('cert.pem')} does not chain to the trust anchor ${at.anchor.arn}`,
    });
  });

  it('of the role names the role', async () => {
    at.role.trust = [];
    expect(await at.refusalOf()).toMatchObject({
      code: 'credentials.role-not-assumable',
      message: `IAM Roles Anywhere may not assume the role ${at.role.arn} for this certificate`,
      hint: expect.stringContaining('sts:SetSourceIdentity') as string,
    });
    expect(at.server.requests).toHaveLength(1);
  });

  it('of a session name names the profile', async () => {
    expect(await at.refusalOf({ sessionName: { text: 'pump-7' } })).toMatchObject({
      code: 'credentials.session-name-refused',
      message: `the profile ${at.profile.arn} accepts no names of sessions`,
    });
  });

  it('of a duration names the role', async () => {
    at.role.maxSessionSeconds = 900;
    expect(await at.refusalOf()).toMatchObject({ code: 'credentials.duration-too-long' });
  });

  it('of a trust anchor or a profile that is not there names it', async () => {
    const other = (arn: string): string => arn.replace(/.{12}$/, '000000000000');
    expect(await at.refusalOf({ trustAnchorArn: other(at.anchor.arn) })).toMatchObject({
      code: 'credentials.trust-anchor-missing',
    });
    expect(await at.refusalOf({ profileArn: other(at.profile.arn) })).toMatchObject({
      code: 'credentials.profile-missing',
    });
  });

  it.each([6, -6])('by a clock that is %i minutes off blames the clock', async (minutes) => {
    at.ahead = minutes * 60_000;
    // The Date of the answer is the server's then, not that of its machine.
    at.server.faults.add({ kind: 'wrong date', offsetMs: 0 });
    expect(await at.refusalOf()).toMatchObject({
      code: 'credentials.clock-skew',
      message: `the clock of this host is 6 min ${minutes > 0 ? 'slow' : 'fast'} by the clock of AWS, which refuses what it signs`,
    });
  });

  it('of a busy AWS comes after four attempts', async () => {
    at.server.faults.add(
      { kind: 'refuse', status: 429, errorType: 'ThrottlingException' },
      { times: Infinity },
    );
    expect((await at.refusalOf()).code).toBe('credentials.throttled');
    expect(at.server.requests).toHaveLength(4);
  });

  it('of a server that nobody vouches for sends nothing', async () => {
    await at.write('roots.pem', at.ca.certPem);
    expect((await at.refusalOf()).code).toBe('credentials.server-untrusted');
    expect(at.server.requests).toEqual([]);
  });

  it.each([200, 201, 302, 403, 407])('is what a page with status %i is', async (status) => {
    at.server.faults.add({ kind: 'page', status });
    expect((await at.refusalOf()).code).toBe('credentials.bad-answer');
    expect(at.server.requests).toHaveLength(1);
  });

  it('of a body without an end comes at 64 KiB', async () => {
    at.server.faults.add({ kind: 'huge', bytes: 10 << 20 });
    const error = await at.refusalOf();
    expect([error.code, error.message]).toEqual([
      'credentials.bad-answer',
      expect.stringContaining('is larger than 65536 bytes'),
    ]);
  });

  it('that sends elsewhere is not followed', async () => {
    const headers = { location: `${at.server.endpoint}/sessions` };
    at.server.faults.add({ kind: 'refuse', status: 307, headers });
    expect((await at.refusalOf()).code).toBe('credentials.bad-answer');
    expect(at.server.requests).toHaveLength(1);
  });
});

describe('nothing is sent', () => {
  afterEach(() => {
    expect(at.server.requests).toEqual([]);
  });

  it('with a key that others can read', async () => {
    await chmod(at.file('key.pem'), 0o644);
    expect((await at.refusalOf()).code).toBe('credentials.key-exposed');
  });

  it.each([
    ['no certificate', 'hello', 'holds no certificate in PEM form'],
    [
      'a broken one',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'certificate 1 in FILE cannot be read',
    ],
  ])('with a chain file that holds %s', async (_title, content, what) => {
    const chainFile = await at.write('chain.pem', content);
    const error = await at.refusalOf({ chainFile });
    expect(error.code).toBe('credentials.chain-invalid');
    expect(error.message.replace(chainFile, 'FILE')).toContain(what);
  });

  it('with a seed file that others can read', async () => {
    const totpSeedFile = await at.write('seed', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n');
    await chmod(totpSeedFile, 0o644);
    expect((await at.refusalOf({ sessionName: { totpSeedFile } })).code).toBe('credentials.key-exposed');
  });
});
