/**
 * `--rollback-on-failure`: a newer version that could not be deployed stays the wanted one. It is set aside while an
 * older one is live, and put back by a later run without an order.
 *
 * What the record says and what `live/NAME` points to cannot change in one step. A version is noted as set aside
 * before the link leaves it, and until the link is back: so a run that dies in between forgets nothing.
 */
import type { CertificateRecord, InstalledVersion, SetAside, StoredError } from './certificate-record.ts';
import { withLive } from './deployment.ts';
import { afterFailure } from './hook-backoff.ts';
import { rfc3339 } from './rfc3339.ts';

/** The versions that may be gone back to, newest first: older than the live one, and not left by a person. */
export function olderVersions({
  installed,
  earlier = [],
  held = [],
}: CertificateRecord): readonly InstalledVersion[] {
  if (installed === undefined) return [];
  return earlier.filter(
    ({ version }) => Number(version) < Number(installed.version) && !held.includes(version),
  );
}

/**
 * The record with `older` as the live version and the one that is live now set aside; every hook is owed `older`.
 *
 * @param before of the try before this one, if this one put the version back.
 */
export function setAside(
  record: CertificateRecord,
  older: InstalledVersion,
  {
    error,
    before,
    now,
  }: { readonly error: StoredError; readonly before: SetAside | undefined; readonly now: Date },
): CertificateRecord {
  const { installed } = record;
  if (installed === undefined) return record;
  const { code, message, hint } = error;
  const { earlier = [], ...back } = withLive(record, older);
  return {
    ...back,
    earlier: earlier.filter(({ version }) => version !== installed.version),
    setAside: {
      installed,
      backoff: afterFailure(before?.backoff, now),
      error: { code, message, hint, at: rfc3339(now) },
    },
  };
}

/** The record with the version that was set aside as the live one; every hook is owed it. */
export function putBack(record: CertificateRecord): CertificateRecord {
  return record.setAside === undefined ? record : withLive(record, record.setAside.installed);
}
