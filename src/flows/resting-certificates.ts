import type { CertificateName } from '../core/names.ts';
import { latest, newestInstant } from '../core/newest-instant.ts';
import { type RenewalIndex, restingUntil, restUntil } from '../core/renewal-index.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { RenewPorts, RenewRequest } from './renew-survey.ts';
import type { SurveyedCertificate } from './survey-certificate.ts';

/** What is known of certificates without opening anything. */
export interface RestingCertificates {
  /** What this run was told, by its user and by the host. */
  readonly told: string;
  readonly index: RenewalIndex | undefined;
  readonly marks: ReadonlyMap<string, string>;
  readonly until: ReadonlyMap<string, Date>;
}

/** What the index knows. Whoever names certificates, forces them or wants to read of all of them has them looked at. */
export async function findResting(
  names: readonly CertificateName[],
  request: RenewRequest,
  { renewals, clock, log, hooks }: RenewPorts,
): Promise<RestingCertificates> {
  const { force, wantsAll, names: named } = request;
  // A hook that is new is owed what is live.
  const told = `${request.told} ${JSON.stringify(hooks.ofHost())}`;
  if (force || wantsAll || named.length > 0) {
    return { told, index: undefined, marks: new Map(), until: new Map() };
  }
  const marks = await renewals.marks(names);
  try {
    const index = await renewals.read();
    return { told, index, marks, until: restingUntil(index, marks, told, clock.now()) };
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    log.debug(`looking at every certificate: ${error.message}`, { code: error.code });
    return { told, index: undefined, marks, until: new Map() };
  }
}

/** Notes for the next run what has nothing to do until when; without new findings, what is noted stays. */
export async function keepIndex(
  surveyed: readonly SurveyedCertificate[],
  { told, index, marks, until }: RestingCertificates,
  { renewals, clock, log }: RenewPorts,
): Promise<void> {
  const now = clock.now();
  const found = surveyed.flatMap(({ name, need, deployment, seen }) => {
    const mark = marks.get(name);
    if (need.kind !== 'good' || deployment.kind !== 'nothing' || mark === undefined) return [];
    return [[name, { mark, until: rfc3339(restUntil(need.renewAt, seen.record.ari, now)) }] as const];
  });
  if (found.length === 0) return;
  const kept = Array.from(until.keys(), (name) => [name, index?.resting[name]] as const);
  const known = kept.flatMap(([name, entry]) => (entry === undefined ? [] : [[name, entry] as const]));
  const newest = latest([
    ...(index?.newest === undefined ? [] : [new Date(index.newest)]),
    ...surveyed.flatMap(({ seen }) => newestInstant(seen.record) ?? []),
  ]);
  try {
    await renewals.save({
      format: 1,
      told,
      writtenAt: rfc3339(now),
      ...(newest === undefined ? {} : { newest: rfc3339(newest) }),
      resting: Object.fromEntries([...known, ...found]),
    });
  } catch (error) {
    // Only a shortcut is lost.
    if (!(error instanceof LanacmeError)) throw error;
    log.debug(`the next run looks at every certificate again: ${error.message}`, { code: error.code });
  }
}
