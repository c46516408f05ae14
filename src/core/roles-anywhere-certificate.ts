/** The certificates that IAM Roles Anywhere is shown: who asks, and how that chains to the trust anchor. */
import type { X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import type { CertificateLine } from './roles-anywhere-request.ts';

/** Of the header `X-Amz-X509-Chain` (Roles Anywhere User Guide, "Signing process"). */
const mostIntermediates = 5;

/**
 * The leaf and the intermediates as they are sent: each once, from the leaf's issuer upwards, and no root, which AWS has
 * as the trust anchor.
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
  const intermediates = others.filter((other) => !isRoot(other) && base64(other) !== sent);
  const chain = [...new Set(fromIssuerUp(leaf, intermediates).map(base64))];
  if (chain.length <= mostIntermediates) return { leaf: sent, chain };
  const message = `${file} holds ${chain.length} intermediate certificates, and IAM Roles Anywhere takes ${mostIntermediates}`;
  throw new LanacmeError('credentials.chain-invalid', message, {
    hint: 'leave only those between the certificate of this host and the trust anchor',
  });
}

/** It signed itself: a CA that changed its key has certificates that only name it twice. */
function isRoot(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

/** What belongs to no line stays at the end: AWS may make something of it. */
function fromIssuerUp(
  certificate: X509Certificate,
  others: readonly X509Certificate[],
): readonly X509Certificate[] {
  const issuer = others.find((other) => certificate.checkIssued(other));
  if (issuer === undefined) return others;
  return [
    issuer,
    ...fromIssuerUp(
      issuer,
      others.filter((other) => other !== issuer),
    ),
  ];
}

function base64(certificate: X509Certificate): string {
  return certificate.raw.toString('base64');
}
