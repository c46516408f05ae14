import type { LanacmeError } from '../errors.ts';
import type { Backoff, CertificateRecord, CertificateSpec, CertificateTerms } from './certificate-record.ts';
import type { CertificateName } from './names.ts';
import { nextBackoff } from './renewal-backoff.ts';
import { rfc3339 } from './rfc3339.ts';

/** An attempt that brought no certificate. */
export interface FailedAttempt {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly deployHooks: readonly string[];
  readonly terms?: CertificateTerms;
  readonly error: LanacmeError;
  readonly at: Date;
  /** Failures before that count for no backoff: nobody was bothered. */
  readonly reachedCa: boolean;
  /** In [0, 1). */
  readonly chance: number;
}

/**
 * The record after a failure. What was in place stays what is wanted; without anything in place, what was asked for
 * is all that `status` can tell.
 */
export function recordFailure(
  before: CertificateRecord | undefined,
  failed: FailedAttempt,
): CertificateRecord {
  const { name, spec, deployHooks, terms, error } = failed;
  const stored = { code: error.code, message: error.message, hint: error.hint };
  const outcome = {
    lastAttempt: { at: rfc3339(failed.at), error: stored },
    ...(failed.reachedCa ? { backoff: backoffAfter(before, failed) } : {}),
    ...(isWordOfCa(error) ? { wait: { until: rfc3339(error.retryAt), spec, error: stored } } : {}),
  };
  if (before?.installed !== undefined) return { ...before, ...outcome };
  return {
    format: 1,
    name,
    spec,
    deployHooks,
    ...(terms === undefined ? {} : { terms }),
    hooks: [],
    ...outcome,
  };
}

function backoffAfter(before: CertificateRecord | undefined, { at, error, chance }: FailedAttempt): Backoff {
  const notAfter = before?.installed?.inspection?.notAfter;
  return nextBackoff(before?.backoff, {
    now: at,
    notAfter: notAfter === undefined ? undefined : new Date(notAfter),
    retryAt: error.retryAt,
    chance,
  });
}

/** Whether it is the CA that wants to be left alone: what it said holds for every later run. */
function isWordOfCa(error: LanacmeError): error is LanacmeError & { readonly retryAt: Date } {
  return error.code.startsWith('acme.') && error.outcome === 'wait' && error.retryAt !== undefined;
}
