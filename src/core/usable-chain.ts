import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { type CertificateFacts, certificateFacts, parseCertificate } from './certificate-facts.ts';
import type { Domain } from './names.ts';

/** A chain that was checked, in the pieces that are written to disk. PEM each, with a final line feed. */
export interface UsableChain {
  readonly cert: string;
  /** The intermediates; empty if a root signed the certificate itself. */
  readonly chain: string;
  readonly fullchain: string;
  readonly facts: CertificateFacts;
}

export interface ExpectedCertificate {
  /** Exactly these; absent: whatever it says. */
  readonly domains?: readonly Domain[];
  readonly keyPem: string;
  readonly now: Date;
}

/** How far ahead the CA's clock may be of ours; CAs also backdate, which needs no allowance. */
const clockSkew = 3600 * 1000;

/** Why a server could not be given a chain: a sentence that begins with "it" or names a part of the chain. */
export class ChainFlaw extends Error {
  override readonly name = 'ChainFlaw';
}

/**
 * Proves that a chain (RFC 8555 §7.4.2: PEM, leaf first) is one that a server can be given: its key, exactly the names
 * that are expected, in date, every certificate signed by the next.
 *
 * @throws ChainFlaw for the first check that fails; LanacmeError `certificate.unusable` for what is no certificate.
 */
export function usableChain(pem: string, { domains, keyPem, now }: ExpectedCertificate): UsableChain {
  const [cert, ...issuers] = splitChain(pem);
  if (cert === undefined) throw new ChainFlaw('the answer holds no PEM certificate');
  const leaf = parseCertificate(cert);
  const facts = certificateFacts(cert);
  checkKey(leaf, keyPem);
  if (domains !== undefined) checkNames(facts.domains, domains);
  checkDates(facts, now);
  if (leaf.ca) throw new ChainFlaw('it is the certificate of a CA, not of a server');
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
  if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) throw new ChainFlaw('it is for another key than ours');
}

function checkNames(issued: readonly Domain[], ordered: readonly Domain[]): void {
  const missing = ordered.filter((domain) => !issued.includes(domain));
  const extra = issued.filter((domain) => !ordered.includes(domain));
  if (missing.length > 0) throw new ChainFlaw(`it lacks the name ${missing.join(', ')}`);
  if (extra.length > 0) throw new ChainFlaw(`it has a name that was not ordered: ${extra.join(', ')}`);
}

function checkDates({ notBefore, notAfter }: CertificateFacts, now: Date): void {
  if (notBefore.getTime() > now.getTime() + clockSkew) {
    throw new ChainFlaw(
      `it is valid only from ${notBefore.toISOString()}, and it is ${now.toISOString()} here`,
    );
  }
  if (notAfter <= now) {
    throw new ChainFlaw(`it ended at ${notAfter.toISOString()}, and it is ${now.toISOString()} here`);
  }
}

function checkLinks(chain: readonly X509Certificate[]): void {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) return;
    const place = index === 0 ? 'the certificate' : `certificate ${index + 1} of the chain`;
    if (!issuer.ca)
      throw new ChainFlaw(`certificate ${index + 2} of the chain is not the certificate of a CA`);
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw new ChainFlaw(`${place} is not signed by the one after it`);
    }
  }
}
