import type { CertificateName } from '../core/names.ts';
import { earliest, latest, newestInstant } from '../core/newest-instant.ts';
import {
  allRestUntil,
  namesToProbe,
  type RenewalIndex,
  type RestingEntry,
  restingLines,
  restingNames,
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
  const names = index === undefined ? [] : restingNames(index);
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
  before: RestingCertificates,
  { renewals, clock, log }: RenewPorts,
): Promise<void> {
  const now = clock.now();
  const resting = restingAfter(surveyed, before, now);
  const end = resting.length === before.marks.size ? earliest(resting.map(({ until }) => until)) : undefined;
  const allRest = end === undefined ? {} : { allRestUntil: rfc3339(end) };
  const isOld = resting.length === before.until.size && folders === index?.folders;
  if (isOld && index.allRestUntil === allRest.allRestUntil) return;
  const newest = latest([
    ...(index?.newest === undefined ? [] : [new Date(index.newest)]),
    ...surveyed.flatMap(({ seen }) => newestInstant(seen.record) ?? []),
  ]);
  const happened = newest === undefined ? {} : { newest: rfc3339(newest) };
  const lines = { ...allRest, resting: restingLines(resting) };
  await save({ format: 1, told, writtenAt: rfc3339(now), ...happened, folders, ...lines }, { renewals, log });
}

/** What rests once these were looked at, too. */
function restingAfter(
  surveyed: readonly SurveyedCertificate[],
  { marks, until }: RestingCertificates,
  now: Date,
): readonly RestingEntry[] {
  const before = Array.from(until, ([name, at]) => ({ name, until: at, mark: marks.get(name) ?? '' }));
  const found = surveyed.flatMap(({ name, need, deployment, seen }) => {
    const mark = marks.get(name);
    if (need.kind !== 'good' || deployment.kind !== 'nothing' || mark === undefined) return [];
    return [{ name, until: restUntil(need.renewAt, seen.record.ari, now), mark }];
  });
  return [...before, ...found];
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
