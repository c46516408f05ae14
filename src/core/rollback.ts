/** Going back because a person says so: other than a version that was set aside, none that was left comes back. */
import { type CertificateRecord, type InstalledVersion, withoutMembers } from './certificate-record.ts';
import { withLive } from './deployment.ts';
import { byNumber } from './version-layout.ts';

/**
 * The record with the version that is left marked as held, and with it one that waits to be put back. Saved before
 * the link flips: a run that dies in between has then not forgotten it.
 *
 * @param present versions on disk: of others there is nothing to hold.
 */
export function holdVersion(
  record: CertificateRecord,
  left: string,
  present: readonly string[],
): CertificateRecord {
  const { held = [], setAside } = record;
  const all = new Set([...held, left, ...(setAside === undefined ? [] : [setAside.installed.version])]);
  return {
    ...withoutMembers(record, ['setAside']),
    held: [...all].filter((version) => present.includes(version)).sort(byNumber),
  };
}

/**
 * The record with an older version as the live one. What is wanted is what that one was ordered with: with the newer
 * wishes the next run would order at once. What was known of the certificate that is left is over.
 */
export function recordRollback(record: CertificateRecord, older: InstalledVersion): CertificateRecord {
  return withLive({ ...withoutMembers(record, ['ari', 'revoked']), spec: older.spec }, older);
}

/**
 * Whether a run that went back died before it noted that, and from which version: the one that the record knows as
 * live is held, and another one is live.
 */
export function interruptedRollback(
  { installed, held = [] }: CertificateRecord,
  live: string,
): { readonly from: string } | undefined {
  if (installed === undefined || installed.version === live) return undefined;
  return held.includes(installed.version) ? { from: installed.version } : undefined;
}

/** The versions to go back to, newest first. */
export function earlierVersions(
  present: readonly string[],
  live: string,
  held: readonly string[],
): readonly string[] {
  return present
    .filter((one) => byNumber(one, live) < 0 && !held.includes(one))
    .toSorted((a, b) => byNumber(b, a));
}
