/**
 * A small certificate authority for tests: the CA of a server, of a device, of a world that lies about dates.
 * Everything is PEM; private keys are PKCS#8.
 */
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

export type TestKeyType = 'ec256' | 'ec384' | 'rsa2048';

/** From when to when a certificate is good. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate and the key it belongs to. */
export interface Issued {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface ServerCertificateRequest {
  /** DNS names and IP addresses, all of them in the SAN. */
  readonly names: readonly string[];
  readonly validity?: Validity;
  readonly keyType?: TestKeyType;
}

export interface DeviceCertificateRequest {
  readonly commonName?: string;
  /** Instead of the common name alone; an empty list is no name at all. */
  readonly subject?: x509.JsonName;
  /** Instead of those of a good device certificate. */
  readonly extensions?: readonly x509.Extension[];
  /** That the CA signs with. Default SHA-256. */
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384';
  readonly validity?: Validity;
  readonly keyType?: TestKeyType;
  /** A private key that is there already, of any type that Node knows. */
  readonly key?: KeyObject;
  /** In hex: the content of the INTEGER. Default random. */
  readonly serialNumber?: string;
}

export interface TestCa {
  readonly certPem: string;
  readonly keyPem: string;
  issueServer(request: ServerCertificateRequest): Promise<Issued>;
  issueDevice(request?: DeviceCertificateRequest): Promise<Issued>;
  /** A CA below this one; what it issues chains to this CA's certificate over the intermediate's. */
  issueCa(request?: { readonly commonName?: string; readonly validity?: Validity }): Promise<TestCa>;
}

type AnyPublicKey = webcrypto.CryptoKey | x509.PublicKey;

const algorithms = {
  ec256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  ec384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  rsa2048: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const;

const dayMs = 24 * 60 * 60 * 1000;

/** A validity around now: begun yesterday, so that a clock somewhat off does not matter. */
export function daysFromNow(days: number): Validity {
  const now = Date.now();
  return { notBefore: new Date(now - dayMs), notAfter: new Date(now + days * dayMs) };
}

/** A self-signed CA. */
export async function makeCa(
  request: {
    readonly commonName?: string;
    readonly validity?: Validity;
    readonly keyType?: TestKeyType;
  } = {},
): Promise<TestCa> {
  const keys = await generateKeys(request.keyType ?? 'ec256');
  const name = commonName(request.commonName ?? 'lanacme test CA');
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    ...(request.validity ?? daysFromNow(30)),
    extensions: await caExtensions(keys.publicKey),
  });
  return await caFrom(certificate, keys);
}

async function caFrom(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<TestCa> {
  const issue = async (
    subject: x509.JsonName,
    publicKey: AnyPublicKey,
    validity: Validity | undefined,
    extensions: readonly x509.Extension[],
    { hash = 'SHA-256', serialNumber }: Pick<DeviceCertificateRequest, 'hash' | 'serialNumber'> = {},
  ): Promise<x509.X509Certificate> =>
    await x509.X509CertificateGenerator.create({
      subject,
      issuer: certificate.subjectName,
      ...(validity ?? daysFromNow(7)),
      signingKey: keys.privateKey,
      signingAlgorithm: { ...keys.privateKey.algorithm, hash },
      publicKey,
      ...(serialNumber === undefined ? {} : { serialNumber }),
      extensions: [...extensions, await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey)],
    });

  return {
    certPem: pemOf(certificate),
    keyPem: await privateKeyPem(keys.privateKey),

    async issueServer({ names, validity, keyType = 'ec256' }) {
      const leaf = await generateKeys(keyType);
      const [first = 'localhost'] = names;
      const certificateOfServer = await issue(commonName(first), leaf.publicKey, validity, [
        ...(await leafExtensions(leaf.publicKey, x509.ExtendedKeyUsage.serverAuth)),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
        ),
      ]);
      return { certPem: pemOf(certificateOfServer), keyPem: await privateKeyPem(leaf.privateKey) };
    },

    async issueDevice(request = {}) {
      const { publicKey, keyPem } = await deviceKeys(request);
      const certificateOfDevice = await issue(
        request.subject ?? commonName(request.commonName ?? 'AWS IoT Certificate'),
        publicKey,
        request.validity,
        request.extensions ?? (await leafExtensions(publicKey, x509.ExtendedKeyUsage.clientAuth)),
        request,
      );
      return { certPem: pemOf(certificateOfDevice), keyPem };
    },

    async issueCa({ commonName: name = 'lanacme test intermediate CA', validity } = {}) {
      const below = await generateKeys('ec256');
      const intermediate = await issue(
        commonName(name),
        below.publicKey,
        validity ?? daysFromNow(30),
        await caExtensions(below.publicKey),
      );
      return await caFrom(intermediate, below);
    },
  };
}

async function deviceKeys({
  key,
  keyType = 'ec256',
}: DeviceCertificateRequest): Promise<{ publicKey: AnyPublicKey; keyPem: string }> {
  if (key === undefined) {
    const { publicKey, privateKey } = await generateKeys(keyType);
    return { publicKey, keyPem: await privateKeyPem(privateKey) };
  }
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const publicKey = new x509.PublicKey(new Uint8Array(spki));
  return { publicKey, keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

async function generateKeys(type: TestKeyType): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithms[type], true, ['sign', 'verify']);
}

async function caExtensions(publicKey: AnyPublicKey): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

async function leafExtensions(
  publicKey: AnyPublicKey,
  usage: x509.ExtendedKeyUsage,
): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage]),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

function commonName(name: string): x509.JsonName {
  return [{ CN: [name] }];
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
