import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateRecord, Inspection } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

/** What to remember of files that were checked; `stamp` is theirs. */
export function inspectionOf(facts: CertificateFacts, stamp: string): Inspection {
  const { serial, issuer, domains, notBefore, notAfter } = facts;
  return { serial, issuer, domains, notBefore: rfc3339(notBefore), notAfter: rfc3339(notAfter), stamp };
}

/** What is known of this version's files without opening them; nothing if they are not as they were. */
export function knownFacts(
  record: CertificateRecord | undefined,
  { version, stamp }: { readonly version: string; readonly stamp: string },
): CertificateFacts | undefined {
  const { installed } = record ?? {};
  const known = installed?.inspection;
  if (stamp === '' || installed?.version !== version || known?.stamp !== stamp) return undefined;
  return factsOf(known);
}

/** What a certificate was found to say of itself. */
export function factsOf({ serial, issuer, domains, notBefore, notAfter }: Inspection): CertificateFacts {
  return { serial, issuer, domains, notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
}
