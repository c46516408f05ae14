import type { CertificateName } from '../core/names.ts';
import type { CertificateStore } from '../ports.ts';
import { certificateUnknown } from './list-certificates.ts';
import type { RenewFailure } from './renew-survey.ts';

/** The certificates that are meant, all if none is named, and a failure for each that is not there. */
export async function chooseNames(
  named: readonly CertificateName[],
  certificates: CertificateStore,
): Promise<{ readonly names: readonly CertificateName[]; readonly unknown: readonly RenewFailure[] }> {
  const known = await certificates.names();
  if (named.length === 0) return { names: known, unknown: [] };
  const unknown = named
    .filter((name) => !known.includes(name))
    .map((certificate) => ({ certificate, error: certificateUnknown(certificate, known) }));
  return { names: named.filter((name) => known.includes(name)), unknown };
}
