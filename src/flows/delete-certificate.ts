import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { CertificateStore, Clock, Lock, Log } from '../ports.ts';
import { certificateUnknown } from './list-certificates.ts';
import { lookAtCertificate } from './look-at-certificate.ts';
import { whileLocked } from './while-locked.ts';

export interface DeletePorts {
  readonly certificates: CertificateStore;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly log: Log;
}

/**
 * `lanacme delete`: removes every file of a certificate from this host and tells nobody. Returns the paths that are
 * gone. One that an interrupted run has half deleted is deleted as well.
 *
 * @throws LanacmeError `certificate.unknown`.
 */
export async function deleteCertificate(
  name: CertificateName,
  ports: DeletePorts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { certificates } = ports;
  if (!(await isThere(name, certificates))) throw certificateUnknown(name, await certificates.names());
  return await whileLocked(ports, signal, async () => {
    const stillValid = await validity(name, ports);
    const removed = await certificates.remove(name);
    if (removed.length === 0) throw certificateUnknown(name, await certificates.names());
    if (stillValid !== undefined)
      ports.log.info(`deleted, not revoked: whoever has a copy of the key can use it until ${stillValid}`);
    return removed;
  });
}

async function isThere(name: CertificateName, certificates: CertificateStore): Promise<boolean> {
  const names = await certificates.names();
  if (names.includes(name) || (await certificates.versions(name)).length > 0) return true;
  return (await certificates.liveVersion(name)) !== undefined;
}

/** Until when the certificate is good; nothing if it is not, or cannot be read. */
async function validity(
  name: CertificateName,
  { certificates, clock, log }: DeletePorts,
): Promise<string | undefined> {
  try {
    const { facts, record } = await lookAtCertificate(name, certificates);
    if (facts === undefined || facts.notAfter <= clock.now()) return undefined;
    return record?.revoked?.serial === facts.serial ? undefined : rfc3339(facts.notAfter);
  } catch (error) {
    log.debug('what is deleted cannot be read', { error: String(error) });
    return undefined;
  }
}
