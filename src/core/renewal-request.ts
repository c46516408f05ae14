import type { CertificateRecord, CertificateSpec, CertificateTerms } from './certificate-record.ts';
import { type ChangedTerms, termsOf } from './certificate-terms.ts';

/** Settings that beat what `issue` stored: flag, environment, env file. An absent one is as it was stored. */
export interface CertificateChanges {
  readonly spec: Partial<Omit<CertificateSpec, 'domains'>>;
  readonly terms: ChangedTerms;
}

/**
 * How a certificate is to be renewed: as `issue` was told, but for what is given now. Its names are its own: another set
 * of names is for `issue`.
 */
export function renewalRequest(
  { spec, terms }: Pick<CertificateRecord, 'spec' | 'terms'>,
  changes: CertificateChanges,
): { readonly spec: CertificateSpec; readonly terms: CertificateTerms } {
  return { spec: { ...spec, ...changes.spec }, terms: termsOf(changes.terms, terms) };
}
