import type { CertificateRecord } from '../core/certificate-record.ts';
import { asLanacmeErrors, type LanacmeError } from '../errors.ts';
import type { CertificateStore, Log } from '../ports.ts';

/** As many as a person may want to go back through, the live one counted. */
const keptVersions = 5;

/**
 * Removes the versions that are needed least, once the new one is deployed: until then a server may still be reading
 * an older one. What cannot be removed is told and does not undo anything.
 */
export async function pruneVersions(
  { name, held = [], setAside }: CertificateRecord,
  { certificates, log }: { readonly certificates: CertificateStore; readonly log: Log },
): Promise<readonly LanacmeError[]> {
  try {
    const needed = setAside === undefined ? [] : [setAside.installed.version];
    const removed = await certificates.prune(name, keptVersions, { held, needed });
    if (removed.length > 0) log.debug(`removed old versions: ${removed.join(', ')}`, { certificate: name });
    return [];
  } catch (error) {
    return asLanacmeErrors(error);
  }
}
