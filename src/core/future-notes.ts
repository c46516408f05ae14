import { type CertificateRecord, withoutMembers } from './certificate-record.ts';
import { newestInstant } from './newest-instant.ts';
import { rfc3339 } from './rfc3339.ts';

const toleranceMs = 60_000;

/**
 * The record without what a clock that was ahead once has left in it: what has happened has happened by now, and what is
 * waited for because of that is over. Else renewals would wait until that time comes, be it years.
 *
 * @param now by a clock that is right: the CA's says the same.
 */
export function withoutFuture(record: CertificateRecord, now: Date): CertificateRecord {
  const isFuture: IsFuture = (at) => at !== undefined && Date.parse(at) > now.getTime() + toleranceMs;
  if (!isFuture(newestInstant(record)?.toISOString())) return record;
  const byNow = <T extends { readonly at: string }>(note: T): T =>
    isFuture(note.at) ? { ...note, at: rfc3339(now) } : note;
  const { installed, earlier, lastAttempt, revoked, hooks, setAside } = record;
  const corrected: CertificateRecord = {
    ...record,
    ...(installed === undefined ? {} : { installed: byNow(installed) }),
    ...(earlier === undefined ? {} : { earlier: earlier.map(byNow) }),
    ...(lastAttempt === undefined ? {} : { lastAttempt: byNow(lastAttempt) }),
    ...(revoked === undefined ? {} : { revoked: byNow(revoked) }),
    ...(setAside === undefined ? {} : { setAside: setAsideByNow(setAside, byNow, now) }),
    hooks: hooks.map((hook) => (isFuture(hook.lastError?.at) ? hookByNow(hook, byNow) : hook)),
  };
  return withoutMembers(corrected, whatIsOver(record, isFuture));
}

type IsFuture = (at: string | undefined) => boolean;

function whatIsOver({ lastAttempt, ari, served }: CertificateRecord, isFuture: IsFuture) {
  return [
    ...(isFuture(lastAttempt?.at) ? (['backoff', 'wait'] as const) : []),
    ...(isFuture(ari?.askedAt) ? (['ari'] as const) : []),
    ...(isFuture(served?.at) ? (['served'] as const) : []),
  ];
}

type ByNow = <T extends { readonly at: string }>(note: T) => T;

function setAsideByNow(
  { installed, backoff, error }: NonNullable<CertificateRecord['setAside']>,
  byNow: ByNow,
  now: Date,
): NonNullable<CertificateRecord['setAside']> {
  const isKept = byNow(error) === error;
  return {
    installed: byNow(installed),
    backoff: isKept ? backoff : { ...backoff, until: rfc3339(now) },
    error: byNow(error),
  };
}

/** It is tried again by the next run. */
function hookByNow(
  hook: CertificateRecord['hooks'][number],
  byNow: ByNow,
): CertificateRecord['hooks'][number] {
  const { command, wanted, done, lastError } = hook;
  return {
    command,
    wanted,
    ...(done === undefined ? {} : { done }),
    ...(lastError === undefined ? {} : { lastError: byNow(lastError) }),
  };
}
