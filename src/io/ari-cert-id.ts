import { X509Certificate } from 'node:crypto';
import asn1 from 'node-forge/lib/asn1.js';
import { ariCertIdOf } from '../core/ari-cert-id.ts';

type Der = ReturnType<typeof asn1.fromDer>;

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
function authorityKey(der: Uint8Array): Uint8Array | undefined {
  const extension = extensions(parsed(der)).find(([oid]) => isOid(oid, authorityKeyIdentifier));
  const content = extension?.at(-1)?.value;
  const [first] = typeof content === 'string' ? membersOf(parsedOrNothing(content)) : [];
  const isKeyIdentifier = first?.tagClass === asn1.Class.CONTEXT_SPECIFIC && (first.type as number) === 0;
  return isKeyIdentifier && typeof first.value === 'string' ? Buffer.from(first.value, 'latin1') : undefined;
}

/** The members of each extension; they are in `[3]` of the part that is signed (RFC 5280 §4.1). */
function extensions(certificate: Der): readonly (readonly Der[])[] {
  const [signed] = membersOf(certificate);
  const tagged = membersOf(signed).find(
    ({ tagClass, type }) => tagClass === asn1.Class.CONTEXT_SPECIFIC && (type as number) === 3,
  );
  return membersOf(membersOf(tagged)[0]).map(membersOf);
}

function parsed(der: Uint8Array): Der {
  return asn1.fromDer(Buffer.from(der).toString('latin1'));
}

/** What is in an extension nobody has checked: a certificate with nonsense there is good all the same. */
function parsedOrNothing(content: string): Der | undefined {
  try {
    return asn1.fromDer(content);
  } catch {
    return undefined;
  }
}

function membersOf(der: Der | undefined): readonly Der[] {
  return Array.isArray(der?.value) ? der.value : [];
}

function isOid(der: Der | undefined, dotted: string): boolean {
  return typeof der?.value === 'string' && asn1.derToOid(der.value) === dotted;
}
