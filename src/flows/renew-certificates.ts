import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError, SeveralErrors } from '../errors.ts';
import type { JournalStore } from '../ports.ts';
import { chooseNames } from './choose-names.ts';
import {
  failuresAtRest,
  hasNothingToDo,
  type RenewOutcome,
  type RenewPorts,
  type RenewRequest,
  rowSource,
  surveyAll,
} from './renew-survey.ts';
import { findResting, keepIndex } from './resting-certificates.ts';
import type { SurveyedCertificate } from './survey-certificate.ts';

/**
 * `lanacme renew`: orders what is due, deploys what is owed, cleans up what was left behind. With nothing to do it reads
 * a few files and does nothing else. One failure never stops the others.
 */
export async function renewCertificates(
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<RenewOutcome> {
  const { names, unknown } = await chooseNames(request.names, ports.certificates);
  const resting = await findResting(names, request, ports);
  const awake = names.filter((name) => !resting.until.has(name));
  const survey = await surveyAll(awake, request, ports);
  const isIdle = survey.certificates.every(hasNothingToDo) && (await isEmpty(ports.journal));
  if (!isIdle) {
    // What orders and deploys is loaded only by a run that has something to do.
    const { renewDue } = await import('./renew-due.ts');
    const outcome = await renewDue(awake, request, ports, signal);
    return { ...outcome, failures: [...unknown, ...outcome.failures] };
  }
  await keepIndex(survey.certificates, resting, ports);
  const failures = [...unknown, ...survey.failures, ...survey.certificates.flatMap(failuresAtRest)];
  if (failures.length === 0) tellNothingToDo(names, resting.until, survey.certificates, ports);
  return { certificates: survey.certificates.map(rowSource), renewed: [], failures };
}

function tellNothingToDo(
  names: readonly CertificateName[],
  resting: ReadonlyMap<string, Date>,
  surveyed: readonly SurveyedCertificate[],
  { log }: RenewPorts,
): void {
  const due = surveyed.flatMap(({ need }) => (need.kind === 'good' ? [need.renewAt] : []));
  const [next] = [...due, ...resting.values()].toSorted((one, other) => one.getTime() - other.getTime());
  if (next === undefined) log.info('nothing to do: there are no certificates yet');
  else {
    const count = names.length === 1 ? 'the certificate is good' : `${names.length} certificates are good`;
    log.info(`nothing to do: ${count}, to be looked at again on ${rfc3339(next)}`);
  }
}

/** A journal that cannot be read is something to do: to tell. */
async function isEmpty(journal: JournalStore): Promise<boolean> {
  try {
    return (await journal.entries()).length === 0;
  } catch (error) {
    if (error instanceof LanacmeError || error instanceof SeveralErrors) return false;
    throw error;
  }
}
