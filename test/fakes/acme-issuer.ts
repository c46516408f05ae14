/** The keys and chains of the CA in memory: certificates from requests, under two roots. */
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

export interface IssuedCertificate {
  /** Hex. */
  readonly serial: string;
  /** RFC 9773 §4.1. */
  readonly ariId: string;
  /** PEM, leaf first: the default chain, then the alternate ones. None of them holds its root. */
  readonly chains: readonly string[];
}

export interface CertificateRequest {
  /** The DNS names of the SAN. */
  readonly names: readonly string[];
  readonly publicKey: KeyObject;
}

export interface AcmeIssuer {
  /** Reads a request (DER); throws what is wrong with it, as a sentence. */
  read(csr: Uint8Array): Promise<CertificateRequest>;
  issue(request: CertificateRequest, notBefore: Date, notAfter: Date): Promise<IssuedCertificate>;
}

/** The roots that the default chain and the alternate one end at. */
export const rootNames = ['Fake Root X1', 'Fake Root X2'] as const;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const notBefore = new Date('2020-01-01T00:00:00Z');
const notAfter = new Date('2060-01-01T00:00:00Z');

/** One intermediate, cross-signed by both roots. */
export async function makeAcmeIssuer(): Promise<AcmeIssuer> {
  const intermediate = await newKeys();
  const subject = 'CN=Fake Intermediate E1';
  const signedBy = async (root: string): Promise<string> => {
    const { privateKey } = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject,
      issuer: `CN=${root}`,
      notBefore,
      notAfter,
      publicKey: intermediate.publicKey,
      signingKey: privateKey,
      signingAlgorithm: ecdsa,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(intermediate.publicKey),
      ],
    });
    return pemOf(certificate);
  };
  const above = await Promise.all(rootNames.map(signedBy));
  const authority = await x509.AuthorityKeyIdentifierExtension.create(intermediate.publicKey);

  return {
    read,
    async issue(request, from, until) {
      const serial = newSerial();
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial,
        issuer: subject,
        notBefore: from,
        notAfter: until,
        publicKey: request.publicKey.export({ format: 'der', type: 'spki' }),
        signingKey: intermediate.privateKey,
        signingAlgorithm: ecdsa,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          // There is no subject, so the names are critical (RFC 5280 §4.2.1.6).
          new x509.SubjectAlternativeNameExtension(
            request.names.map((value) => ({ type: 'dns', value })),
            true,
          ),
          authority,
        ],
      });
      const pem = pemOf(leaf);
      const ariId = [authority.keyId ?? '', serial].map((hex) =>
        Buffer.from(hex, 'hex').toString('base64url'),
      );
      return { serial, ariId: ariId.join('.'), chains: above.map((issuer) => pem + issuer) };
    },
  };
}

async function read(csr: Uint8Array): Promise<CertificateRequest> {
  const request = parse(csr);
  if (!(await request.verify())) throw new Error('its signature is not by its key');
  const publicKey = createPublicKey({
    key: Buffer.from(request.publicKey.rawData),
    format: 'der',
    type: 'spki',
  });
  const names = request.extensions.flatMap((extension) =>
    extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.items : [],
  );
  if (names.some(({ type }) => type !== 'dns')) throw new Error('it has names that are not DNS names');
  return { names: names.map(({ value }) => value.toLowerCase()), publicKey };
}

function parse(csr: Uint8Array): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csr);
  } catch (error) {
    throw new Error('it is not a certificate request', { cause: error });
  }
}

/** P-256, P-384 and RSA from 2048 bits on: what Let's Encrypt takes, for accounts and certificates. */
export function isStrongKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  return ['prime256v1', 'secp384r1'].includes(asymmetricKeyDetails?.namedCurve ?? '');
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ecdsa, false, ['sign', 'verify']);
}

/** Positive, and without a leading zero byte. */
function newSerial(): string {
  return `4c${randomBytes(15).toString('hex')}`;
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
