import type { CertificateTerms } from './certificate-record.ts';

/** Terms as they are given: `false` takes one back. */
export type ChangedTerms = { readonly [Term in keyof CertificateTerms]?: CertificateTerms[Term] | false };

/** What is stored with what is given now in its place; what is false or empty is left out. */
export function termsOf(changed: ChangedTerms, stored: CertificateTerms = {}): CertificateTerms {
  const merged = Object.entries({ ...stored, ...changed });
  return Object.fromEntries(
    merged.filter(([, value]) => value !== false && (!Array.isArray(value) || value.length > 0)),
  );
}

/** Whether two certificates are to be treated alike. */
export function areSameTerms(one: CertificateTerms, other: CertificateTerms): boolean {
  const sorted = (terms: CertificateTerms): string => JSON.stringify(Object.entries(terms).sort());
  return sorted(one) === sorted(other);
}
