import { inspectionOf } from '../core/inspection.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { earlierVersions, holdVersion, interruptedRollback, recordRollback } from '../core/rollback.ts';
import type { DeployWiring } from '../ports.ts';
import { type Deployed, deployCertificate } from './deploy.ts';
import type { DeployTerms, InPlace } from './deployment-situation.ts';
import { certificateUnknown } from './list-certificates.ts';
import { newestUsable, noEarlierVersion } from './usable-version.ts';
import { whileLocked } from './while-locked.ts';

export interface RollbackRequest {
  readonly name: CertificateName;
  readonly terms: DeployTerms;
}

export interface RolledBack extends Deployed {
  /** The version that was left. */
  readonly from: string;
}

/**
 * `lanacme rollback`: the newest earlier version that is complete and in date is live again, and deployed. The one that
 * was left is held: no later run puts it in place.
 *
 * @throws LanacmeError `certificate.unknown`, or `certificate.no-earlier-version` with what is wrong with each.
 */
export async function rollbackCertificate(
  { name, terms }: RollbackRequest,
  ports: DeployWiring,
  signal: AbortSignal,
): Promise<RolledBack> {
  const known = await ports.certificates.names();
  if (!known.includes(name)) throw certificateUnknown(name, known);
  return await whileLocked(ports, signal, async () => {
    const { from, ...inPlace } = await goBack(name, ports);
    // Who went back once does not want to be taken further by a hook that fails.
    const notFurther = { ...terms, rollbackOnFailure: false };
    const deployed = await deployCertificate({ ...inPlace, damage: undefined }, notFurther, ports, signal);
    return { ...deployed, from };
  });
}

async function goBack(
  name: CertificateName,
  { certificates, clock, log }: DeployWiring,
): Promise<InPlace & { readonly from: string }> {
  const record = await certificates.record(name);
  const live = (await certificates.liveVersion(name))?.version ?? record?.installed?.version;
  if (record === undefined || live === undefined) throw noEarlierVersion(name, ['no version was ever live']);
  const present = await certificates.versions(name);
  const half = interruptedRollback(record, live);
  const from = half?.from ?? live;
  const candidates = half === undefined ? earlierVersions(present, live, record.held ?? []) : [live];
  const older = await newestUsable(record, candidates, { certificates, clock });
  const holding = holdVersion(record, from, present);
  await certificates.saveRecord(holding);
  const place = await certificates.pointTo(name, older.installed.version);
  const inspection = inspectionOf(older.facts, place.stamp);
  const rolledBack = recordRollback(holding, { ...older.installed, inspection });
  await certificates.saveRecord(rolledBack);
  const until = rfc3339(older.facts.notAfter);
  log.info(`went back from version ${from} to version ${place.version}, which is good until ${until}`);
  return { record: rolledBack, live: place, facts: older.facts, from };
}
