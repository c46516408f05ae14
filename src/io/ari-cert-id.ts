import { X509Certificate } from 'node:crypto';
import asn1 from 'node-forge/lib/asn1.js';
import { ariCertIdOf } from '../core/ari-cert-id.ts';
import { certificateParts, contentOf, membersOf } from './certificate-der.ts';

/** id-ce-authorityKeyIdentifier, RFC 5280 §4.2.1.1. */
const authorityKeyIdentifier = '2.5.29.35';

/**
 * The id by which a CA knows the first certificate of a PEM text (RFC 9773 §4.1); nothing if the certificate does not
 * name its issuer's key. Node tells the serial of a certificate, but not that.
 */
export function ariCertId(certPem: string): string | undefined {
  const certificate = new X509Certificate(certPem);
  const keyIdentifier = authorityKey(certificate.raw);
  return keyIdentifier === undefined ? undefined : ariCertIdOf(keyIdentifier, certificate.serialNumber);
}

/** The keyIdentifier, `[0] IMPLICIT OCTET STRING`, of the extension. */
function authorityKey(raw: Uint8Array): Uint8Array | undefined {
  const [first] = membersOf(certificateParts(raw).extension(authorityKeyIdentifier));
  const isKeyIdentifier = first?.tagClass === asn1.Class.CONTEXT_SPECIFIC && (first.type as number) === 0;
  const content = contentOf(first);
  return isKeyIdentifier && content !== undefined ? Buffer.from(content, 'latin1') : undefined;
}
