/** Certificates as no CA should issue them, for the key of a request that it got. */
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { daysFromNow, makeCa, type TestCa, type Validity } from './pki.ts';

x509.cryptoProvider.set(webcrypto);

export interface Misissue {
  /** DNS names; the SAN has no others. */
  readonly names: readonly string[];
  readonly validity?: Validity;
  /** Another than the request's. */
  readonly foreignKey?: boolean;
  /** The certificate that comes second is of another CA than the one that signed. */
  readonly brokenChain?: boolean;
}

/** A chain in PEM, leaf first, for a certificate request in base64url as `finalize` has it (RFC 8555 §7.4). */
export async function misissue(csr: string, how: Misissue): Promise<string> {
  const ca = await makeCa({ commonName: 'Misissuing test CA' });
  const leaf =
    how.foreignKey === true
      ? (await ca.issueServer({ names: how.names })).certPem
      : await issueFor(csr, ca, how);
  const issuer = how.brokenChain === true ? await makeCa({ commonName: 'Misissuing test CA' }) : ca;
  return leaf + issuer.certPem;
}

async function issueFor(csr: string, ca: TestCa, { names, validity }: Misissue): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'));
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(ca.keyPem),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
  const certificate = await x509.X509CertificateGenerator.create({
    ...(validity ?? daysFromNow(90)),
    issuer: new x509.X509Certificate(ca.certPem).subjectName,
    signingKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: request.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}
