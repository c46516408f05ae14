import type { LanacmeError } from '../errors.ts';
import type { CertificateRecord, CertificateSpec } from './certificate-record.ts';
import type { CertificateName } from './names.ts';

/** An attempt that brought no certificate. */
export interface FailedAttempt {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly deployHooks: readonly string[];
  readonly error: LanacmeError;
  /** RFC 3339. */
  readonly at: string;
}

/**
 * The record after a failure. What was in place stays what is wanted; without anything in place, what was asked for
 * is all that `status` can tell.
 */
export function recordFailure(
  before: CertificateRecord | undefined,
  failed: FailedAttempt,
): CertificateRecord {
  const { name, spec, deployHooks, at, error } = failed;
  const lastAttempt = { at, error: { code: error.code, message: error.message, hint: error.hint } };
  if (before?.installed !== undefined) return { ...before, lastAttempt };
  return { format: 1, name, spec, deployHooks, hooks: [], lastAttempt };
}
