import type { CertificateRecord, StoredError } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

/** Tries to get the certificate: the last one and the next. Times are RFC 3339 UTC. */
export interface AttemptRow {
  readonly lastAttempt: { readonly at: string; readonly error: StoredError | null } | null;
  /** How many renewals in a row have failed. */
  readonly failures: number;
  /** When `renew` tries next: at an instant in the past, the next run does. Null if nothing is known to wait for. */
  readonly nextAttempt: { readonly at: string; readonly reason: string } | null;
}

/** @param renewal when the certificate in place is to be renewed, if there is one */
export function attemptRow(
  record: CertificateRecord | undefined,
  renewal: { readonly renewAt: Date; readonly reason: string } | undefined,
): AttemptRow {
  return {
    lastAttempt: lastAttempt(record),
    failures: record?.backoff?.failures ?? 0,
    nextAttempt: nextAttempt(record, renewal),
  };
}

function lastAttempt(record: CertificateRecord | undefined): AttemptRow['lastAttempt'] {
  if (record?.lastAttempt === undefined) return null;
  const { at, error } = record.lastAttempt;
  return { at, error: error ?? null };
}

/** The latest of all that is to be waited for. */
function nextAttempt(
  record: CertificateRecord | undefined,
  renewal: { readonly renewAt: Date; readonly reason: string } | undefined,
): AttemptRow['nextAttempt'] {
  let latest = renewal && { at: rfc3339(renewal.renewAt), reason: renewal.reason };
  const { backoff, wait } = record ?? {};
  const words = wait && { at: wait.until, reason: `the CA wants it so: ${wait.error.message}` };
  for (const other of [backoff && ownWait(backoff), words]) {
    if (other !== undefined && (latest === undefined || Date.parse(other.at) > Date.parse(latest.at)))
      latest = other;
  }
  return latest ?? null;
}

function ownWait({ until, failures }: { readonly until: string; readonly failures: number }) {
  return { at: until, reason: failures === 1 ? 'it failed once' : `it failed ${failures} times in a row` };
}
