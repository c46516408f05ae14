import { type CertificateFacts, certificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord } from '../core/certificate-record.ts';
import { recordOfLive } from '../core/deployment.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { CertificateStore, LiveCertificate } from '../ports.ts';

/** A certificate as it is on disk. */
export interface CertificateOnDisk {
  readonly record: CertificateRecord | undefined;
  readonly live: LiveCertificate | undefined;
  readonly facts: CertificateFacts | undefined;
  /** Why the files in `live/NAME` cannot be used, in place of `live`. */
  readonly damage: LanacmeError | undefined;
}

/**
 * Reads what there is of a certificate. Files that cannot be used are a finding, not a failure: whoever asks decides
 * what follows. A record that cannot be read is thrown, since it says what the certificate should be.
 */
export async function lookAtCertificate(
  name: CertificateName,
  certificates: CertificateStore,
): Promise<CertificateOnDisk> {
  const record = await certificates.record(name);
  try {
    const live = await certificates.live(name);
    if (live === undefined) return { record, live, facts: undefined, damage: undefined };
    const facts = certificateFacts(live.files.cert);
    // A run that died right after the flip did not note the version: it is deployed by this one.
    const known = record && recordOfLive(record, live.version, rfc3339(facts.notBefore));
    return { record: known, live, facts, damage: undefined };
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    return { record, live: undefined, facts: undefined, damage: error };
  }
}
