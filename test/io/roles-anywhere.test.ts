import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { totp } from '../../src/core/totp.ts';
import { LanacmeError } from '../../src/errors.ts';
import { makeRolesAnywhere, type RolesAnywhereOptions } from '../../src/io/roles-anywhere.ts';
import type { AwsCredentials } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { AwsSessions } from '../world/aws-sessions.ts';
import {
  type DeviceCertificateRequest,
  daysFromNow,
  type Issued,
  makeCa,
  type TestCa,
} from '../world/pki.ts';
import {
  type Profile,
  type TrustAnchor,
  type TrustedRole,
  trustOf,
} from '../world/roles-anywhere-registry.ts';
import { type RolesAnywhereServer, startRolesAnywhere } from '../world/roles-anywhere-server.ts';

let clock: FakeClock;
/** The server's clock minus ours. */
let ahead: number;
const now = (): Date => new Date(clock.now().getTime() + ahead);
const sessions = new AwsSessions({ now });
const signal = new AbortController().signal;

let server: RolesAnywhereServer;
let ca: TestCa;
let host: Issued;
let anchor: TrustAnchor;
let role: TrustedRole;
let profile: Profile;
let folder: TempFolder;
let log: FakeLog;

beforeAll(async () => {
  clock = new FakeClock(new Date().toISOString());
  server = await startRolesAnywhere({ sessions, now });
  ca = await makeCa();
  host = await ca.issueDevice({ commonName: 'nas.lan.example' });
});
afterAll(async () => {
  await server.close();
});
beforeEach(async () => {
  ahead = 0;
  clock = new FakeClock(new Date().toISOString());
  log = new FakeLog();
  server.forgetRequests();
  server.faults.clear();
  anchor = server.registry.addTrustAnchor([ca.certPem]);
  role = server.registry.addRole('lan/lanacme-dns', { trust: trustOf(anchor.arn), policies: [] });
  profile = server.registry.addProfile([role.arn]);
  folder = await makeTempFolder('roles-anywhere');
  await install(host);
  await write('roots.pem', server.caPem);
});
afterEach(async () => {
  await folder.remove();
});

const file = (name: string): string => path.join(folder.path, name);

async function write(name: string, content: string): Promise<string> {
  await writeFile(file(name), content, { mode: 0o600 });
  return file(name);
}

async function install({ certPem, keyPem }: Issued): Promise<void> {
  await write('cert.pem', certPem);
  await write('key.pem', keyPem);
}

async function ask(more: Partial<RolesAnywhereOptions> = {}): Promise<AwsCredentials> {
  return await makeRolesAnywhere({
    endpoint: server.endpoint,
    region: server.region,
    trustAnchorArn: anchor.arn,
    profileArn: profile.arn,
    roleArn: role.arn,
    certFile: file('cert.pem'),
    keyFile: file('key.pem'),
    caBundle: file('roots.pem'),
    warn: () => undefined,
    clock,
    random: { number: () => 0.5, hex: () => '00' },
    log,
    ...more,
  })(signal);
}

async function refusalOf(more: Partial<RolesAnywhereOptions> = {}): Promise<LanacmeError> {
  const error: unknown = await ask(more).then(
    () => 'it gave credentials',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LanacmeError);
  return error as LanacmeError;
}

const serialOf = ({ certPem }: Issued): string => new X509Certificate(certPem).serialNumber.toLowerCase();

describe('credentials for a certificate of a private CA', () => {
  it.each(['ec256', 'ec384', 'rsa2048'] as const)('are given to an %s key', async (keyType) => {
    const own = await ca.issueDevice({ commonName: 'nas.lan.example', keyType });
    await install(own);
    const credentials = await ask();
    expect(sessions.lookup(credentials.accessKeyId)).toMatchObject({
      secretAccessKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    });
    expect(credentials.expiration?.getTime()).toBe(
      Math.floor(clock.now().getTime() / 1000) * 1000 + 3_600_000,
    );
    expect(server.requests).toMatchObject([
      { serialNumber: serialOf(own), sessionName: serialOf(own), status: 201 },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain(credentials.secretAccessKey);
  });

  it.each([
    ['PKCS#8', 'ec256', { type: 'pkcs8', format: 'pem' }],
    ['SEC1', 'ec256', { type: 'sec1', format: 'pem' }],
    ['PKCS#1', 'rsa2048', { type: 'pkcs1', format: 'pem' }],
  ] as const)('take a key in %s', async (_form, keyType, form) => {
    const own = await ca.issueDevice({ keyType });
    await install(own);
    await write(
      'key.pem',
      createPrivateKey(own.keyPem)
        .export(form as never)
        .toString(),
    );
    await ask();
    expect(server.requests).toMatchObject([{ status: 201 }]);
  });

  it.each(['ec256', 'rsa2048'] as const)('take an encrypted %s key, with its password', async (keyType) => {
    const own = await ca.issueDevice({ keyType });
    await install(own);
    const key = createPrivateKey(own.keyPem);
    const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'pass word' } as const;
    await write('key.pem', key.export(form).toString());
    const keyPasswordFile = await write('password', 'pass word\n');
    await ask({ keyPasswordFile });
    const error = await refusalOf();
    expect([error.code, error.hint]).toEqual([
      'credentials.key-invalid',
      expect.stringContaining('--roles-anywhere-key-password-file'),
    ]);
  });

  it('come over intermediates, from a file of their own or the one of the certificate', async () => {
    const above = await ca.issueCa();
    const below = await above.issueCa({ commonName: 'lanacme test intermediate CA 2' });
    const own = await below.issueDevice({ commonName: 'nas.lan.example' });
    await install(own);
    expect(await refusalOf()).toMatchObject({ code: 'credentials.certificate-refused' });
    const chainFile = await write('chain.pem', `${below.certPem}${above.certPem}${ca.certPem}`);
    await ask({ chainFile });
    await write('cert.pem', `${own.certPem}${below.certPem}${above.certPem}`);
    await ask();
    expect(server.requests.map(({ status }) => status)).toEqual([403, 201, 201]);
  });

  it('come with the certificate that is on disk at that moment', async () => {
    await ask();
    const next = await ca.issueDevice({ commonName: 'nas.lan.example' });
    await install(next);
    await ask();
    expect(server.requests.map(({ serialNumber }) => serialNumber)).toEqual([serialOf(host), serialOf(next)]);
  });

  it('are warned of, and given all the same', async () => {
    const told: string[] = [];
    await ask({ warn: ({ serialNumber }) => told.push(serialNumber.toLowerCase()) });
    expect(told).toEqual([serialOf(host)]);
  });

  it('may be of a session with a name', async () => {
    profile.acceptRoleSessionName = true;
    await ask({ sessionName: { text: 'pump-7' } });
    expect(server.requests).toMatchObject([{ sessionName: 'pump-7' }]);
  });

  it('may be of a session that is named by the TOTP code of the moment', async () => {
    profile.acceptRoleSessionName = true;
    const totpSeedFile = await write('seed', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n');
    await ask({ sessionName: { totpSeedFile } });
    clock.move(60_000);
    await ask({ sessionName: { totpSeedFile } });
    const seed = Buffer.from('12345678901234567890');
    expect(server.requests.map(({ sessionName }) => sessionName)).toEqual([
      totp(seed, new Date(clock.now().getTime() - 60_000)),
      totp(seed, clock.now()),
    ]);
  });

  it('are asked for again, with a new date, while AWS is busy', async () => {
    server.faults.add({
      kind: 'refuse',
      status: 429,
      errorType: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    server.faults.add({ kind: 'refuse', status: 500 });
    server.faults.add({ kind: 'reset' });
    await ask();
    expect(server.requests.map(({ status, fault }) => fault?.kind ?? status)).toEqual([
      'refuse',
      'refuse',
      'reset',
      201,
    ]);
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
    await install(await ca.issueDevice(request));
    const error = await refusalOf();
    expect([error.code, error.hint]).toEqual([code, expect.stringContaining('digitalSignature')]);
    expect(server.requests).toHaveLength(1);
  });

  it('of a certificate of another CA names the trust anchor', async () => {
    await install(await (await makeCa()).issueDevice());
    expect(await refusalOf()).toMatchObject({
      code: 'credentials.certificate-refused',
      message: `the certificate in ${file('cert.pem')} does not chain to the trust anchor ${anchor.arn}`,
    });
  });

  it('of the role names the role', async () => {
    role.trust = [];
    expect(await refusalOf()).toMatchObject({
      code: 'credentials.role-not-assumable',
      message: `IAM Roles Anywhere may not assume the role ${role.arn} for this certificate`,
      hint: expect.stringContaining('sts:SetSourceIdentity') as string,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('of a session name names the profile', async () => {
    expect(await refusalOf({ sessionName: { text: 'pump-7' } })).toMatchObject({
      code: 'credentials.session-name-refused',
      message: `the profile ${profile.arn} accepts no names of sessions`,
    });
  });

  it('of a duration names the role', async () => {
    role.maxSessionSeconds = 900;
    expect(await refusalOf()).toMatchObject({ code: 'credentials.duration-too-long' });
  });

  it('of a trust anchor or a profile that is not there names it', async () => {
    const other = (arn: string): string => arn.replace(/.{12}$/, '000000000000');
    expect(await refusalOf({ trustAnchorArn: other(anchor.arn) })).toMatchObject({
      code: 'credentials.trust-anchor-missing',
    });
    expect(await refusalOf({ profileArn: other(profile.arn) })).toMatchObject({
      code: 'credentials.profile-missing',
    });
  });

  it.each([6, -6])('by a clock that is %i minutes off blames the clock', async (minutes) => {
    ahead = minutes * 60_000;
    // The Date of the answer is the server's then, not that of its machine.
    server.faults.add({ kind: 'wrong date', offsetMs: 0 });
    expect(await refusalOf()).toMatchObject({
      code: 'credentials.clock-skew',
      message: `the clock of this host is 6 min ${minutes > 0 ? 'slow' : 'fast'} by the clock of AWS, which refuses what it signs`,
    });
  });

  it('of a busy AWS comes after four attempts', async () => {
    server.faults.add({ kind: 'refuse', status: 429, errorType: 'ThrottlingException' }, { times: Infinity });
    expect((await refusalOf()).code).toBe('credentials.throttled');
    expect(server.requests).toHaveLength(4);
  });

  it('of a server that nobody vouches for sends nothing', async () => {
    await write('roots.pem', ca.certPem);
    expect((await refusalOf()).code).toBe('credentials.server-untrusted');
    expect(server.requests).toEqual([]);
  });

  it.each([200, 201])('is what a page with status %i is', async (status) => {
    server.faults.add({ kind: 'page', status });
    expect((await refusalOf()).code).toBe('credentials.bad-answer');
  });
});

describe('nothing is sent', () => {
  afterEach(() => {
    expect(server.requests).toEqual([]);
  });

  it('with a key that others can read', async () => {
    await chmod(file('key.pem'), 0o644);
    expect((await refusalOf()).code).toBe('credentials.key-exposed');
  });

  it('with the key of another certificate', async () => {
    await write('key.pem', (await ca.issueDevice()).keyPem);
    expect((await refusalOf()).code).toBe('credentials.key-mismatch');
  });

  it('with a certificate that has ended', async () => {
    await install(await ca.issueDevice({ validity: { ...daysFromNow(1), notAfter: new Date(1) } }));
    expect((await refusalOf()).hint).toContain('private CA');
  });

  it.each([
    ['no certificate', 'hello', 'holds no certificate in PEM form'],
    [
      'a broken one',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'certificate 1 in FILE cannot be read',
    ],
  ])('with a chain file that holds %s', async (_title, content, what) => {
    const chainFile = await write('chain.pem', content);
    const error = await refusalOf({ chainFile });
    expect(error.code).toBe('credentials.chain-invalid');
    expect(error.message.replace(chainFile, 'FILE')).toContain(what);
  });

  it('with a seed file that others can read', async () => {
    const totpSeedFile = await write('seed', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n');
    await chmod(totpSeedFile, 0o644);
    expect((await refusalOf({ sessionName: { totpSeedFile } })).code).toBe('credentials.key-exposed');
  });
});
