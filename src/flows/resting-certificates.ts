import type { CertificateName } from '../core/names.ts';
import { latest, newestInstant } from '../core/newest-instant.ts';
import {
  allRestUntil,
  namesToProbe,
  type RenewalIndex,
  restingEntry,
  restingUntil,
  restUntil,
} from '../core/renewal-index.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { RenewPorts, RenewRequest } from './renew-survey.ts';
import type { SurveyedCertificate } from './survey-certificate.ts';

/** What is known before any record is opened. */
export interface KnownFromIndex {
  /** What this run was told, by its user and by the host. */
  readonly told: string;
  readonly folders: string;
  readonly index: RenewalIndex | undefined;
}

/** Whoever names certificates, forces them or wants to read of all of them has them looked at: nothing is known then. */
export async function readIndex(
  { force, wantsAll, names, told: given }: RenewRequest,
  { renewals, log, hooks }: RenewPorts,
): Promise<KnownFromIndex> {
  // A hook of the host that is new is owed what is live.
  const told = `${given} ${JSON.stringify([hooks.ofHost(), hooks.root?.commands ?? []])}`;
  const folders = await renewals.folders();
  if (force || wantsAll || names.length > 0) return { told, folders, index: undefined };
  try {
    return { told, folders, index: await renewals.read() };
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    log.debug(`looking at every certificate: ${error.message}`, { code: error.code });
    return { told, folders, index: undefined };
  }
}

/** How many certificates there are and until when they all rest; nothing if one may have to be looked at. */
export async function wholeRest(
  { told, folders, index }: KnownFromIndex,
  { renewals, clock, builtAt }: RenewPorts,
): Promise<{ readonly count: number; readonly until: Date } | undefined> {
  const now = clock.now();
  const until = allRestUntil(index, { told, folders, now });
  if (until === undefined || (builtAt !== undefined && now < builtAt)) return undefined;
  const names = Object.keys(index?.resting ?? {});
  const probed = namesToProbe(names, now);
  const untouched = restingUntil(index, await renewals.marks(probed), { told, now });
  return untouched.size === probed.length ? { count: names.length, until } : undefined;
}

/** The certificates that were not touched since they were found to have nothing to do. */
export interface RestingCertificates {
  readonly marks: ReadonlyMap<string, string>;
  readonly until: ReadonlyMap<string, Date>;
}

export async function findResting(
  names: readonly CertificateName[],
  { told, index }: KnownFromIndex,
  { renewals, clock }: RenewPorts,
): Promise<RestingCertificates> {
  const marks = await renewals.marks(names);
  return { marks, until: restingUntil(index, marks, { told, now: clock.now() }) };
}

/** Notes for the next run what has nothing to do until when; without new findings, what is noted stays. */
export async function keepIndex(
  surveyed: readonly SurveyedCertificate[],
  { told, folders, index }: KnownFromIndex,
  { marks, until }: RestingCertificates,
  { renewals, clock, log }: RenewPorts,
): Promise<void> {
  const now = clock.now();
  const resting = new Map(Array.from(until, ([name, at]) => [name, restingEntry(at, marks.get(name) ?? '')]));
  for (const { name, need, deployment, seen } of surveyed) {
    const mark = marks.get(name);
    if (need.kind !== 'good' || deployment.kind !== 'nothing' || mark === undefined) continue;
    resting.set(name, restingEntry(restUntil(need.renewAt, seen.record.ari, now), mark));
  }
  const isWhole = marks.size === resting.size;
  if (resting.size === until.size && folders === index?.folders && isWhole === index.isWhole) return;
  const newest = latest([
    ...(index?.newest === undefined ? [] : [new Date(index.newest)]),
    ...surveyed.flatMap(({ seen }) => newestInstant(seen.record) ?? []),
  ]);
  await save(
    {
      format: 1,
      told,
      writtenAt: rfc3339(now),
      ...(newest === undefined ? {} : { newest: rfc3339(newest) }),
      folders,
      isWhole,
      resting: Object.fromEntries(resting),
    },
    { renewals, log },
  );
}

/** Only a shortcut is lost if it cannot be kept. */
async function save(
  index: RenewalIndex,
  { renewals, log }: Pick<RenewPorts, 'renewals' | 'log'>,
): Promise<void> {
  try {
    await renewals.save(index);
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    log.debug(`the next run looks at every certificate again: ${error.message}`, { code: error.code });
  }
}
