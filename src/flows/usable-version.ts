import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord, InstalledVersion } from '../core/certificate-record.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { CertificateStore, Clock } from '../ports.ts';

export interface UsableVersion {
  readonly installed: InstalledVersion;
  readonly facts: CertificateFacts;
}

interface Ports {
  readonly certificates: CertificateStore;
  readonly clock: Clock;
}

/**
 * The first of these versions that is complete and in date.
 *
 * @throws LanacmeError `certificate.no-earlier-version` with what is wrong with each.
 */
export async function newestUsable(
  record: CertificateRecord,
  candidates: readonly string[],
  ports: Ports,
): Promise<UsableVersion> {
  const refused: string[] = [];
  for (const version of candidates) {
    const found = await usable(record, version, ports);
    if (typeof found !== 'string') return found;
    refused.push(`version ${version}: ${found}`);
  }
  throw noEarlierVersion(record.name, refused);
}

export function noEarlierVersion(name: CertificateName, details: readonly string[]): LanacmeError {
  return new LanacmeError('certificate.no-earlier-version', `${name} has no earlier version to go back to`, {
    hint: `order a new certificate instead: lanacme renew ${name} --force`,
    details,
  });
}

/** The version, or why it cannot be used. */
async function usable(
  record: CertificateRecord,
  version: string,
  { certificates, clock }: Ports,
): Promise<UsableVersion | string> {
  const now = clock.now();
  try {
    const facts = await factsOfVersion(record.name, version, certificates);
    if (now >= facts.notAfter) return `it expired at ${rfc3339(facts.notAfter)}`;
    if (now < facts.notBefore) return `it is not valid before ${rfc3339(facts.notBefore)}`;
    return { installed: installedAs(record, version, facts), facts };
  } catch (error) {
    if (error instanceof LanacmeError) return error.message;
    throw error;
  }
}

/** @throws LanacmeError if it is not complete. */
export async function factsOfVersion(
  name: CertificateName,
  version: string,
  certificates: CertificateStore,
): Promise<CertificateFacts> {
  const { files } = await certificates.version(name, version);
  // With it comes Node's crypto.
  const { certificateFacts } = await import('../core/certificate-facts.ts');
  return certificateFacts(files.cert);
}

/** As the record knows it; one that it has forgotten was ordered as what came after it, as far as can be told. */
function installedAs(
  { spec, installed, earlier = [] }: CertificateRecord,
  version: string,
  { domains, notBefore }: CertificateFacts,
): InstalledVersion {
  const known = [...(installed === undefined ? [] : [installed]), ...earlier].find(
    (one) => one.version === version,
  );
  return known ?? { version, at: rfc3339(notBefore), spec: { ...(installed?.spec ?? spec), domains } };
}
