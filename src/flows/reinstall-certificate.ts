import type { CertificateRecord, CertificateTerms } from '../core/certificate-record.ts';
import { inspectionOf } from '../core/inspection.ts';
import { recordReinstallation } from '../core/reinstallation.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { CertificateStore, Clock, Log } from '../ports.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';

/**
 * Writes the live certificate once more, as a version of its own: with the files and the readers that are wanted now.
 * Nothing is ordered; its hooks are owed the new version.
 */
export async function reinstallCertificate(
  seen: CertificateOnDisk,
  record: CertificateRecord,
  terms: CertificateTerms,
  {
    certificates,
    clock,
    log,
  }: { readonly certificates: CertificateStore; readonly clock: Clock; readonly log: Log },
): Promise<CertificateOnDisk> {
  const { name, installed } = record;
  for (const warning of await certificates.prepare(name, terms)) log.warn(warning);
  const before = await certificates.live(name);
  if (before === undefined || installed === undefined || seen.facts === undefined) return { ...seen, record };
  const live = await certificates.install(name, before.files, terms);
  const inspection = inspectionOf(seen.facts, live.stamp);
  const again = { ...installed, version: live.version, at: rfc3339(clock.now()), inspection };
  const noted = recordReinstallation(record, again, terms);
  await certificates.saveRecord(noted);
  log.info(`installed the same certificate as version ${live.version} at ${live.path}`);
  return { ...seen, record: noted, live };
}
