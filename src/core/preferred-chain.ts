import { X509Certificate } from 'node:crypto';

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whether the chain's last certificate was issued by the one whose common name this is, as in other ACME clients. */
export function endsAt(chainPem: string, issuerCommonName: string): boolean {
  const last = chainPem.match(certificateBlock)?.at(-1);
  if (last === undefined) return false;
  return new X509Certificate(last).issuer.split('\n').includes(`CN=${issuerCommonName}`);
}
