import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { type CertificateFacts, certificateFacts, parseCertificate } from './certificate-facts.ts';
import type { Domain } from './names.ts';

/** What came back from the CA, checked, in the pieces that are written to disk. PEM each, with a final line feed. */
export interface IssuedCertificate {
  readonly cert: string;
  /** The intermediates; empty if a root signed the certificate itself. */
  readonly chain: string;
  readonly fullchain: string;
  readonly facts: CertificateFacts;
}

export interface ExpectedCertificate {
  readonly domains: readonly Domain[];
  readonly keyPem: string;
  readonly now: Date;
}

/** How far ahead the CA's clock may be of ours; CAs also backdate, which needs no allowance. */
const clockSkew = 3600 * 1000;

/**
 * Proves that a downloaded chain (RFC 8555 §7.4.2: PEM, leaf first) is one that a server can be given: our key, exactly
 * the names ordered, in date, every certificate signed by the next.
 *
 * @throws LanacmeError `certificate.unusable`, naming the check that failed.
 */
export function checkIssued(pem: string, expected: ExpectedCertificate): IssuedCertificate {
  const [cert, ...issuers] = splitChain(pem);
  if (cert === undefined) throw unusable('the answer holds no PEM certificate');
  const leaf = parseCertificate(cert);
  const facts = certificateFacts(cert);
  checkKey(leaf, expected.keyPem);
  checkNames(facts.domains, expected.domains);
  checkDates(facts, expected.now);
  if (leaf.ca) throw unusable('it is the certificate of a CA, not of a server');
  checkLinks([leaf, ...issuers.map(parseCertificate)]);
  const chain = issuers.join('');
  return { cert, chain, fullchain: cert + chain, facts };
}

/** The certificates of a PEM text, each ending in a line feed; text between them is dropped. */
function splitChain(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block.replaceAll('\r', '')}\n`);
}

function checkKey(leaf: X509Certificate, keyPem: string): void {
  if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) throw unusable('it is for another key than ours');
}

function checkNames(issued: readonly Domain[], ordered: readonly Domain[]): void {
  const missing = ordered.filter((domain) => !issued.includes(domain));
  const extra = issued.filter((domain) => !ordered.includes(domain));
  if (missing.length > 0) throw unusable(`it lacks the name ${missing.join(', ')}`);
  if (extra.length > 0) throw unusable(`it has a name that was not ordered: ${extra.join(', ')}`);
}

function checkDates({ notBefore, notAfter }: CertificateFacts, now: Date): void {
  if (notBefore.getTime() > now.getTime() + clockSkew) {
    throw unusable(`it is valid only from ${notBefore.toISOString()}, and it is ${now.toISOString()} here`);
  }
  if (notAfter <= now) {
    throw unusable(`it ended at ${notAfter.toISOString()}, and it is ${now.toISOString()} here`);
  }
}

function checkLinks(chain: readonly X509Certificate[]): void {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) return;
    const place = index === 0 ? 'the certificate' : `certificate ${index + 1} of the chain`;
    if (!issuer.ca) throw unusable(`certificate ${index + 2} of the chain is not the certificate of a CA`);
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw unusable(`${place} is not signed by the one after it`);
    }
  }
}

function unusable(why: string): LanacmeError {
  return new LanacmeError('certificate.unusable', `the CA issued a certificate that cannot be used: ${why}`, {
    hint: "nothing was changed, the certificate in use stays; check this host's clock and run again",
  });
}
