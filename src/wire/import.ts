import type { ImportConfig } from '../config/config.ts';
import { FileAccountStore } from '../io/account-store.ts';
import { FileCertificateStore } from '../io/certificate-store.ts';
import { openClientFolder } from '../io/client-folder.ts';
import { systemClock } from '../io/clock.ts';
import { makeDeployFolder } from '../io/deploy-folder.ts';
import { foreignNames } from '../io/foreign-names.ts';
import type { HandedOver } from '../io/handed-over.ts';
import { FileLock } from '../io/lock.ts';
import type { ClientFolder, DeployFolder, ImportWiring } from '../ports/import.ts';
import type { Clock, Log } from '../ports.ts';

/**
 * For an import.
 *
 * @param handed what root read and kept, if root has handed this run over.
 */
export function wireImport(
  { folder, stateDir, lockTimeoutMs: timeoutMs }: ImportConfig,
  handed: HandedOver['import'],
  log: Log,
): ImportWiring {
  return {
    folder: () => openClientFolder(folder),
    ...(process.geteuid?.() === 0 ? { deployFolder: makeDeployFolder() } : {}),
    ...(handed === undefined ? {} : { byRoot: handed }),
    certificates: new FileCertificateStore(stateDir),
    accounts: new FileAccountStore(stateDir),
    certId: async (certPem) => (await import('../io/ari-cert-id.ts')).ariCertId(certPem),
    clock: systemClock,
    lock: new FileLock({ stateDir, timeoutMs, command: 'lanacme import', clock: systemClock, log }),
    log,
  };
}

/** What root works with before it hands an import over. */
export function wireImportAsRoot(
  { folder, stateDir }: ImportConfig,
  owner: number,
): {
  /** The certificates of that user. */
  readonly present: readonly string[];
  readonly folder: ClientFolder;
  readonly deployFolder: DeployFolder;
  readonly clock: Clock;
} {
  return {
    present: foreignNames(stateDir, owner),
    folder: openClientFolder(folder),
    deployFolder: makeDeployFolder(),
    clock: systemClock,
  };
}
