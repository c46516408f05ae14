import type { X509Certificate } from 'node:crypto';
import type { IdentityFacts } from '../core/identity-fitness.ts';
import { type CertificateParts, certificateParts, contentOf, membersOf, oidOf } from './certificate-der.ts';

/** RFC 5280 §4.2.1.3 and §4.2.1.4, RFC 6962 §3.3. */
const extensions = {
  keyUsage: '2.5.29.15',
  policies: '2.5.29.32',
  timestamps: '1.3.6.1.4.1.11129.2.4.2',
};

/** What a certificate says of itself. */
export function identityFacts(certificate: X509Certificate): IdentityFacts {
  const parts = certificateParts(certificate.raw);
  // Of an empty name, or no extended key usage Node says undefined, whatever its types say.
  const subject = certificate.subject as string | undefined;
  const issuer = certificate.issuer as string | undefined;
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  return {
    version: parts.version,
    isCa: certificate.ca,
    subject: subject ?? '',
    issuer: issuer ?? '',
    signatureAlgorithm: parts.signatureAlgorithm,
    signs: signs(parts),
    purposes: purposes ?? [],
    policies: membersOf(parts.extension(extensions.policies)).flatMap(
      (policy) => oidOf(membersOf(policy)[0]) ?? [],
    ),
    isLogged: parts.extension(extensions.timestamps) !== undefined,
  };
}

/** digitalSignature is the first bit of the bit string, after the byte that counts its unused bits. */
function signs(parts: CertificateParts): boolean {
  const bits = contentOf(parts.extension(extensions.keyUsage)) ?? '';
  return bits.length >= 2 && (bits.charCodeAt(1) & 0x80) !== 0;
}
