/** Certificates that IAM Roles Anywhere takes, or that should be no identity at AWS although it may take them. */
import type { X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import type { CertificateLine } from './roles-anywhere-request.ts';

/** Of the header `X-Amz-X509-Chain` (Roles Anywhere User Guide, "Signing process"). */
const mostIntermediates = 5;

/**
 * The leaf and the intermediates as they are sent: each once, and no root, which AWS has as the trust anchor.
 *
 * @param file where the chain stands, for messages.
 * @throws LanacmeError `credentials.chain-invalid` if there are more than AWS takes.
 */
export function certificateLine(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  file: string,
): CertificateLine {
  const sent = base64(leaf);
  const intermediates = others.filter((other) => other.subject !== other.issuer).map(base64);
  const chain = [...new Set(intermediates)].filter((other) => other !== sent);
  if (chain.length <= mostIntermediates) return { leaf: sent, chain };
  const message = `${file} holds ${chain.length} intermediate certificates, and IAM Roles Anywhere takes ${mostIntermediates}`;
  throw new LanacmeError('credentials.chain-invalid', message, {
    hint: 'leave only those between the certificate of this host and the trust anchor',
  });
}

/**
 * What AWS will refuse by its documented rules, as a warning: rules of theirs may become milder. (Roles Anywhere User
 * Guide, "Signature verification": an end entity is no CA and has a subject.)
 */
export function unfitness(leaf: X509Certificate, file: string): string | undefined {
  if (leaf.ca)
    return `the certificate in ${file} is that of a CA, which IAM Roles Anywhere takes for no identity`;
  // Node says undefined for an empty name, whatever its types say.
  const subject = leaf.subject as string | undefined;
  if (subject === undefined || subject === '') {
    return `the certificate in ${file} has an empty subject, which IAM Roles Anywhere does not take`;
  }
  return undefined;
}

/** Whether a public CA issued it: every such TLS certificate has these in it, and no private CA has reason to. */
export function isFromPublicCa(leaf: X509Certificate): boolean {
  return marksOfPublicCas.some((mark) => leaf.raw.includes(mark));
}

/** Object identifiers in DER. */
const marksOfPublicCas = [
  // 1.3.6.1.4.1.11129.2.4.2, signed certificate timestamps (RFC 6962 §3.3)
  '060a2b06010401d679020402',
  // 2.23.140.1.2.1 to .3 and 2.23.140.1.1, policies of domain, organization, individual and extended validation
  // (CA/Browser Forum, Baseline Requirements §7.1.6.1)
  '060667810c010201',
  '060667810c010202',
  '060667810c010203',
  '060567810c0101',
].map((hex) => Buffer.from(hex, 'hex'));

/** What to do about an identity of either kind below. */
export const ownIdentityHint =
  'use a certificate of a private CA (FreeIPA, step-ca, Vault, AWS Private CA), made for nothing else';

export function publicCaWarning(file: string): string {
  return (
    `the certificate in ${file} is of a public CA: whoever can answer a challenge for its name gets the AWS role, and AWS does not support ` +
    'public CAs as trust anchors'
  );
}

export function renewedByUsWarning(file: string): string {
  return (
    `the certificate in ${file} is one that lanacme renews with the very role that it opens: ` +
    'once it has ended, nothing can renew it'
  );
}

function base64(certificate: X509Certificate): string {
  return certificate.raw.toString('base64');
}
