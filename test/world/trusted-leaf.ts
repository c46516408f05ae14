/**
 * Which certificates IAM Roles Anywhere takes as an identity: a chain to the trust anchor, and what it asks of the leaf.
 * Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
 */
import { webcrypto, type X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** AWS's words for what is wrong with it; `undefined` if nothing is. */
export function refusalOfLeaf(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: Date,
): string | undefined {
  if (!chains(leaf, intermediates, anchors, now)) return 'Untrusted signing certificate';
  return isSufficient(new x509.X509Certificate(leaf.raw))
    ? undefined
    : 'Untrusted certificate. Insufficient certificate';
}

/** Every certificate on the way in date, every issuer a CA; the anchor ends it. */
function chains(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  now: Date,
): boolean {
  if (!isInDate(certificate, now)) return false;
  const isIssuer = (issuer: X509Certificate): boolean =>
    issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  if (anchors.some((anchor) => isInDate(anchor, now) && isIssuer(anchor))) return true;
  return intermediates.some((issuer) => {
    const others = intermediates.filter((other) => other !== issuer);
    return isIssuer(issuer) && chains(issuer, others, anchors, now);
  });
}

function isInDate({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return new Date(validFrom) <= now && now < new Date(validTo);
}

/** Version 3 (only that has extensions), no CA, digitalSignature, SHA-256 or stronger, a subject. EKU is not looked at. */
function isSufficient(leaf: x509.X509Certificate): boolean {
  const usages = leaf.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  return (
    leaf.getExtension(x509.BasicConstraintsExtension)?.ca !== true &&
    (usages & x509.KeyUsageFlags.digitalSignature) !== 0 &&
    !isSha1(leaf) &&
    leaf.subject !== ''
  );
}

/** The library's types leave the algorithm's hash open. */
export function isSha1({ signatureAlgorithm }: x509.X509Certificate): boolean {
  return /"SHA-1"/.test(JSON.stringify(signatureAlgorithm));
}
