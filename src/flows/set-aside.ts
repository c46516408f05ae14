import type { CertificateRecord, SetAside } from '../core/certificate-record.ts';
import { withoutMembers } from '../core/certificate-record.ts';
import { olderVersions, putBack, setAside } from '../core/set-aside.ts';
import { asLanacmeErrors, LanacmeError } from '../errors.ts';
import type { DeployPorts, InPlace } from './deployment-situation.ts';
import { factsOfVersion, newestUsable, type UsableVersion } from './usable-version.ts';

interface FailedDeployment {
  readonly error: LanacmeError;
  /** Of the version that failed, if it had been put back for this try. */
  readonly before: SetAside | undefined;
}

/** Makes the newest older version live that is whole and in date; nothing if there is none. */
export async function goBack(
  { record }: InPlace,
  { error, before }: FailedDeployment,
  ports: DeployPorts,
): Promise<InPlace | undefined> {
  const { certificates, clock, log } = ports;
  const now = clock.now();
  const older = await newestKnown(record, ports);
  if (older === undefined) {
    log.warn('there is no earlier version that is in date: the new one stays', { certificate: record.name });
    return undefined;
  }
  const noted = setAside(record, older.installed, { error, before, now });
  await certificates.saveRecord(noted);
  const live = await certificates.pointTo(record.name, older.installed.version);
  log.warn(
    `went back to version ${live.version}; later runs try version ${record.installed?.version} again`,
    {
      certificate: record.name,
    },
  );
  return { record: noted, live, facts: older.facts };
}

/**
 * Makes the version that was set aside live again. One that cannot be used any more is forgotten: what is live is what
 * there is.
 */
export async function putBackAgain(
  inPlace: InPlace,
  ports: DeployPorts,
): Promise<InPlace & { readonly errors: readonly LanacmeError[] }> {
  const { record } = inPlace;
  const { certificates, log } = ports;
  const aside = record.setAside?.installed;
  if (aside === undefined) return { ...inPlace, errors: [] };
  try {
    const facts = await factsOfVersion(record.name, aside.version, certificates);
    const live = await certificates.pointTo(record.name, aside.version);
    const noted = putBack(record);
    await certificates.saveRecord(noted);
    log.info(`trying version ${aside.version} again`, { certificate: record.name });
    return { record: noted, live, facts, errors: [] };
  } catch (error) {
    if (!(error instanceof LanacmeError) || error.code !== 'state.broken') throw error;
    const noted = withoutMembers(record, ['setAside']);
    await certificates.saveRecord(noted);
    return { ...inPlace, record: noted, errors: asLanacmeErrors(error) };
  }
}

async function newestKnown(
  record: CertificateRecord,
  ports: DeployPorts,
): Promise<UsableVersion | undefined> {
  try {
    const candidates = olderVersions(record).map(({ version }) => version);
    return await newestUsable(record, candidates, ports);
  } catch (error) {
    if (!(error instanceof LanacmeError) || error.code !== 'certificate.no-earlier-version') throw error;
    for (const detail of error.details) ports.log.debug(detail);
    return undefined;
  }
}
