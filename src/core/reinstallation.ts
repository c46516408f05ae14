import type { CertificateRecord, CertificateTerms, InstalledVersion } from './certificate-record.ts';
import { recordInstallation } from './deployment.ts';
import { changedInstallTerms } from './install-terms.ts';

/**
 * The options by which the live version was written otherwise than is wanted now. None while a newer version waits to
 * be put back: a copy of the older one would come after it.
 */
export function reasonsToReinstall(
  { installed, setAside }: CertificateRecord,
  wanted: CertificateTerms,
): readonly string[] {
  if (installed === undefined || setAside !== undefined) return [];
  return changedInstallTerms(installed.terms ?? {}, wanted);
}

/**
 * The record after the live certificate was written once more, as another version. It is the same certificate: what
 * the CA suggested for it and what is waited for still holds.
 */
export function recordReinstallation(
  before: CertificateRecord,
  again: InstalledVersion,
  terms: CertificateTerms,
): CertificateRecord {
  const { name, deployHooks, ari, backoff, wait, revoked, lastAttempt } = before;
  return {
    ...recordInstallation(before, { name, deployHooks, ...again, terms }),
    ...(ari === undefined ? {} : { ari }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(wait === undefined ? {} : { wait }),
    ...(revoked === undefined ? {} : { revoked }),
    ...(lastAttempt === undefined ? {} : { lastAttempt }),
  };
}
