/** What people put into the files of an identity: each form works, or is refused in words that help, with nothing sent. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import type { RolesAnywhereOptions } from '../../src/io/roles-anywhere.ts';
import { daysFromNow, type Issued, makeCa } from '../world/pki.ts';
import { useRolesAnywhere } from './use-roles-anywhere.ts';

const at = useRolesAnywhere();

const rsa = (bits: number): KeyObject => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;
const ec = (curve: string): KeyObject => generateKeyPairSync('ec', { namedCurve: curve }).privateKey;
const keyOf = ({ keyPem }: Issued): KeyObject => createPrivateKey(keyPem);
const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
const derOf = ({ certPem }: Issued): Buffer => new X509Certificate(certPem).raw;

/** Encrypted with PBE-MD5-DES, as tools of the last century did; the password is `pw`, the key protects nothing. */
const legacyKey = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGwMBsGCSqGSIb3DQEFAzAOBAhV2ANHD012dQICCAAEgZBoqb8SL4JcaAtl2DBz
2A/fSeXnXtzzpIR5I5mL4h4gqa0RfhMkX/HRHqaL6ar+HiLIkCq+oVsWhPiDe4Vm
ivFWhEVVzqjXRxmS0e8ZdeWEi+Fu6CmrHzLfpek6rshT9v8VuyUlsPtyAXL5pg+s
Nd+W6PjirYeLplgDz9ZeIx+24QK53wzpQX5035cG1aqOyf0=
-----END ENCRYPTED PRIVATE KEY-----
`;

describe('a session is given', () => {
  afterEach(() => {
    expect(at.server.requests).toMatchObject([{ status: 201 }]);
  });

  it.each<[string, () => KeyObject]>([
    ['RSA of 1024 bits, which is AWS’s to refuse', () => rsa(1024)],
    ['RSA of 3072 bits', () => rsa(3072)],
    ['P-384', () => ec('secp384r1')],
    ['P-521', () => ec('secp521r1')],
    ['secp256k1', () => ec('secp256k1')],
  ])('for a key of %s', async (_title, make) => {
    await at.install(await at.ca.issueDevice({ key: make() }));
    await at.ask();
  });

  it.each([
    ['PKCS#1', 'rsa2048', 'pkcs1', 'aes-256-cbc'],
    ['PKCS#1 and triple DES', 'rsa2048', 'pkcs1', 'des-ede3-cbc'],
    ['SEC1', 'ec256', 'sec1', 'aes-128-cbc'],
    ['PKCS#8', 'ec384', 'pkcs8', 'aes-256-cbc'],
  ] as const)('for a key encrypted in %s', async (_title, keyType, type, cipher) => {
    const device = await at.ca.issueDevice({ keyType });
    await at.install(device);
    const form = { type, format: 'pem', cipher, passphrase: 'p w' };
    await at.write(
      'key.pem',
      keyOf(device)
        .export(form as never)
        .toString(),
    );
    await at.ask({ keyPasswordFile: await at.write('password', 'p w\r\nanother line\n') });
  });

  it.each<[string, (pem: string) => string]>([
    ['lines that end as on Windows', (pem) => pem.replaceAll('\n', '\r\n')],
    ['a byte order mark', (pem) => `\uFEFF${pem}`],
    ['words before it, as openssl -text writes', (pem) => `Certificate:\n    Data:\n${pem}`],
    ['no end of its last line', (pem) => pem.trimEnd()],
  ])('for files with %s', async (_title, change) => {
    await at.write('cert.pem', change(at.device.certPem));
    await at.write('key.pem', change(at.device.keyPem));
    await at.ask();
  });

  it.each([
    ['of 20 bytes, the highest bit set', 'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', '00'],
    ['of one byte', '7F', ''],
    ['that ends in zeros', 'F1E2D3C4B5A69788796A5B4C3D2E1F00', '00'],
  ])('for a serial %s', async (_title, serial, sign) => {
    await at.install(await at.ca.issueDevice({ serialNumber: `${sign}${serial}` }));
    await at.ask();
    expect(at.server.requests[0]?.serialNumber).toBe(serial.toLowerCase());
  });

  it('for a key that is a link, and a certificate with its key before it', async () => {
    await symlink(at.file('key.pem'), at.file('link'));
    await at.write('cert.pem', `${at.device.keyPem}${at.device.certPem}`);
    await at.ask({ keyFile: at.file('link') });
  });

  it('over a chain in which leaf and root stand, too, the wrong way round', async () => {
    const above = await at.ca.issueCa();
    const below = await above.issueCa({ commonName: 'below' });
    const own = await below.issueDevice();
    await at.install(own);
    const chain = [at.ca, above, below, own].map(({ certPem }) => certPem).join('');
    await at.ask({ chainFile: await at.write('chain.pem', chain) });
  });
});

describe('nothing is sent', () => {
  let other: Issued;
  beforeAll(async () => {
    other = await (await makeCa()).issueDevice();
  });
  beforeEach(async () => {
    await at.write('password', 'pw\n');
  });
  afterEach(() => {
    expect(at.server.requests).toEqual([]);
  });

  interface Row {
    readonly title: string;
    readonly arrange: () => Promise<unknown>;
    readonly more?: () => Partial<RolesAnywhereOptions>;
    readonly code: ErrorCode;
    /** With file names without their folder. */
    readonly message: string;
    readonly hint: string;
  }
  const key = async (content: string) => await at.write('key.pem', content);
  const cert = async (content: string) => await at.write('cert.pem', content);
  const binary = async (name: string, content: Uint8Array) => {
    await writeFile(at.file(name), content, { mode: 0o600 });
  };
  const nothing = async () => {
    await Promise.resolve();
  };
  const withPassword = () => ({ keyPasswordFile: at.file('password') });
  const encrypted = (passphrase: string) =>
    keyOf(at.device).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();

  it.each<Row>([
    {
      title: 'with a key of Ed25519',
      arrange: async () => {
        await at.install(await at.ca.issueDevice({ key: generateKeyPairSync('ed25519').privateKey }));
      },
      code: 'credentials.key-invalid',
      message: 'key.pem holds a key of the type ed25519, with which no session can be signed',
      hint: 'RSA and EC keys',
    },
    {
      title: 'with a key for RSA-PSS alone',
      arrange: async () => {
        const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
        await at.install(await at.ca.issueDevice({ key: privateKey }));
      },
      code: 'credentials.key-invalid',
      message: 'key.pem holds a key of the type rsa-pss, with which no session can be signed',
      hint: 'RSA and EC keys',
    },
    {
      title: 'with the key of another certificate',
      arrange: async () => await key(other.keyPem),
      code: 'credentials.key-mismatch',
      message: 'key.pem is not the key of the certificate in cert.pem',
      hint: 'both come from the same certificate request',
    },
    {
      title: 'with a chain the wrong way round',
      arrange: async () => await cert(`${at.ca.certPem}${at.device.certPem}`),
      code: 'credentials.key-mismatch',
      message: 'key.pem is not the key of the certificate in cert.pem',
      hint: 'it is the key of certificate 2 in that file: put that one first',
    },
    {
      title: 'with a certificate that has ended',
      arrange: async () => {
        const validity = { notBefore: new Date(0), notAfter: new Date(86_400_000) };
        await at.install(await at.ca.issueDevice({ validity }));
      },
      code: 'credentials.certificate-expired',
      message: 'the certificate in cert.pem expired on 1970-01-02T00:00:00.000Z',
      hint: 'have the private CA issue a new one',
    },
    {
      title: 'with a certificate that has not begun',
      arrange: async () => {
        const validity = { notBefore: new Date('2200-01-01'), notAfter: new Date('2201-01-01') };
        await at.install(await at.ca.issueDevice({ validity }));
      },
      code: 'credentials.certificate-not-yet-valid',
      message: 'the certificate in cert.pem is not valid before 2200-01-01T00:00:00.000Z',
      hint: 'the clock of this host says',
    },
    {
      title: 'with a negative serial',
      arrange: async () => {
        const device = await at.ca.issueDevice({ serialNumber: 'FB' });
        const hex = derOf(device).toString('hex').replace('020200fb', '020280fb');
        await at.install(device);
        await cert(pemOf(Buffer.from(hex, 'hex')));
      },
      code: 'credentials.certificate-invalid',
      message: 'the serial of the certificate is no positive number: -7F05',
      hint: 'have the private CA issue another one',
    },
    {
      title: 'with a certificate in DER',
      arrange: async () => {
        await binary('cert.pem', derOf(at.device));
      },
      code: 'credentials.certificate-invalid',
      message: 'cert.pem holds no certificate in PEM form',
      hint: 'openssl x509 -inform der -in FILE, a PKCS#12 file (.p12, .pfx) by openssl pkcs12 -nokeys',
    },
    {
      title: 'with a certificate request',
      arrange: async () => await cert(at.device.certPem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST')),
      code: 'credentials.certificate-invalid',
      message: 'cert.pem holds no certificate in PEM form',
      hint: 'it must begin with -----BEGIN CERTIFICATE-----',
    },
    {
      title: 'with an empty file for a certificate',
      arrange: async () => await cert(''),
      code: 'credentials.certificate-invalid',
      message: 'cert.pem holds no certificate in PEM form',
      hint: 'it must begin with -----BEGIN CERTIFICATE-----',
    },
    {
      title: 'with a key in DER',
      arrange: async () => {
        await binary('key.pem', keyOf(at.device).export({ type: 'pkcs8', format: 'der' }));
      },
      code: 'credentials.key-invalid',
      message: 'key.pem holds no private key in PEM form',
      hint: 'openssl pkey -in FILE converts others, openssl pkcs12 -nocerts -in FILE a PKCS#12 file',
    },
    {
      title: 'with the certificate in place of the key',
      arrange: async () => await key(at.device.certPem),
      code: 'credentials.key-invalid',
      message: 'key.pem holds no private key in PEM form',
      hint: 'it must begin with -----BEGIN PRIVATE KEY-----',
    },
    {
      title: 'with an encrypted key and no password',
      arrange: async () => await key(encrypted('pw')),
      code: 'credentials.key-invalid',
      message: 'key.pem is encrypted and no password is given',
      hint: 'name that with --roles-anywhere-key-password-file',
    },
    {
      title: 'with an encrypted key and another password',
      arrange: async () => await key(encrypted('other')),
      more: withPassword,
      code: 'credentials.key-invalid',
      message: 'key.pem does not open with the given password',
      hint: '--roles-anywhere-key-password-file',
    },
    {
      title: 'with a cipher that OpenSSL 3 does not know any more',
      arrange: async () => await key(legacyKey),
      more: withPassword,
      code: 'credentials.key-invalid',
      message: 'key.pem is encrypted in a way that OpenSSL has given up',
      hint: 'openssl pkcs8 -topk8 -v2 aes-256-cbc',
    },
    {
      title: 'with an empty password file',
      arrange: async () => await at.write('password', '\n'),
      more: withPassword,
      code: 'credentials.key-invalid',
      message: 'password holds no password: its first line is empty',
      hint: 'put its password on the first line',
    },
    {
      title: 'with a password file that others can read',
      arrange: async () => {
        await chmod(at.file('password'), 0o640);
      },
      more: withPassword,
      code: 'credentials.key-exposed',
      message: 'password can be read or changed by others than its owner (mode 0640)',
      hint: 'chmod 600',
    },
    {
      title: 'without a key file',
      arrange: nothing,
      more: () => ({ keyFile: at.file('nowhere.pem') }),
      code: 'credentials.file-unreadable',
      message: 'cannot read nowhere.pem: there is no such file',
      hint: 'check the path',
    },
    {
      title: 'with a folder for a certificate',
      arrange: nothing,
      more: () => ({ certFile: at.file('') }),
      code: 'credentials.file-unreadable',
      message: 'it is not a regular file',
      hint: 'check the path',
    },
    {
      title: 'with six intermediates',
      arrange: async () => {
        const many = await Promise.all(Array.from({ length: 6 }, async () => await at.ca.issueCa()));
        await at.write('chain.pem', many.map(({ certPem }) => certPem).join(''));
      },
      more: () => ({ chainFile: at.file('chain.pem') }),
      code: 'credentials.chain-invalid',
      message: 'chain.pem holds 6 intermediate certificates, and IAM Roles Anywhere takes 5',
      hint: 'leave only those between',
    },
    {
      title: 'with an AWS_CA_BUNDLE that holds none',
      arrange: async () => await at.write('roots.pem', 'hello'),
      code: 'config.invalid-value',
      message: 'AWS_CA_BUNDLE: roots.pem holds no certificate in PEM form',
      hint: 'it must hold the root certificates to trust',
    },
  ])('$title', async ({ arrange, more, code, message, hint }) => {
    await arrange();
    const refusal = await at.refusalOf(more?.());
    const said = refusal.message.replaceAll(`${at.file('')}/`, '');
    expect([refusal.code, said, refusal.hint]).toEqual([
      code,
      expect.stringContaining(message) as string,
      expect.stringContaining(hint) as string,
    ]);
    expect(refusal.cause === undefined || !JSON.stringify(refusal.cause).includes('PRIVATE')).toBe(true);
  });

  it('with a certificate that ended a moment ago, whatever day it is', async () => {
    const device = await at.ca.issueDevice({ validity: daysFromNow(1) });
    await at.install(device);
    at.clock.move(25 * 60 * 60_000);
    expect((await at.refusalOf()).code).toBe('credentials.certificate-expired');
  });
});
