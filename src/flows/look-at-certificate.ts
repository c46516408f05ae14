import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord } from '../core/certificate-record.ts';
import { recordOfLive } from '../core/deployment.ts';
import { knownFacts } from '../core/inspection.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { CertificateStore, LiveVersion } from '../ports.ts';

/** A certificate as it is on disk. */
export interface CertificateOnDisk {
  readonly record: CertificateRecord | undefined;
  readonly live: LiveVersion | undefined;
  readonly facts: CertificateFacts | undefined;
  /** Why the files in `live/NAME` cannot be used, in place of `live`. */
  readonly damage: LanacmeError | undefined;
}

/**
 * Reads what there is of a certificate. Files that were checked once and have not been touched since are not opened.
 * Files that cannot be used are a finding, not a failure: whoever asks decides what follows. A record that cannot be
 * read is thrown, since it says what the certificate should be.
 */
export async function lookAtCertificate(
  name: CertificateName,
  certificates: CertificateStore,
): Promise<CertificateOnDisk> {
  const record = await certificates.record(name);
  try {
    const seen = await glance(name, record, certificates);
    if (seen === undefined) return { record, live: undefined, facts: undefined, damage: undefined };
    const { live, facts } = seen;
    // A run that died right after the flip did not note the version: it is deployed by this one.
    const known = record && recordOfLive(record, live.version, rfc3339(facts.notBefore), facts.serial);
    return { record: known, live, facts, damage: undefined };
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    return { record, live: undefined, facts: undefined, damage: error };
  }
}

async function glance(
  name: CertificateName,
  record: CertificateRecord | undefined,
  certificates: CertificateStore,
): Promise<Seen | undefined> {
  const live = await certificates.liveVersion(name);
  if (live === undefined) return undefined;
  const facts = knownFacts(record, live);
  return facts === undefined ? await inspect(name, certificates) : { live, facts };
}

interface Seen {
  readonly live: LiveVersion;
  readonly facts: CertificateFacts;
}

async function inspect(name: CertificateName, certificates: CertificateStore): Promise<Seen | undefined> {
  const live = await certificates.live(name);
  if (live === undefined) return undefined;
  // With it comes Node's crypto, which takes longer to load than the record to read.
  const { certificateFacts } = await import('../core/certificate-facts.ts');
  return { live, facts: certificateFacts(live.files.cert) };
}
