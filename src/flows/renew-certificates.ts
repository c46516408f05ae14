import { wrongClock } from '../core/clock-check.ts';
import type { CertificateName } from '../core/names.ts';
import { earliest } from '../core/newest-instant.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { LanacmeError } from '../errors.ts';
import { chooseNames } from './choose-names.ts';
import { isJournalEmpty } from './is-journal-empty.ts';
import {
  clockProblem,
  failuresAtRest,
  hasNothingToDo,
  type RenewOutcome,
  type RenewPorts,
  type RenewRequest,
  rowSource,
  surveyAll,
  withoutDates,
} from './renew-survey.ts';
import { findResting, keepIndex, readIndex, wholeRest } from './resting-certificates.ts';

/**
 * `lanacme renew`: orders what is due, deploys what is owed, cleans up what was left behind. With nothing to do it reads
 * a few files and does nothing else. One failure never stops the others.
 */
export async function renewCertificates(
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<RenewOutcome> {
  const known = await readIndex(request, ports);
  const rest = await wholeRest(known, ports);
  if (rest !== undefined && (await isJournalEmpty(ports.journal))) {
    tellNothingToDo(rest.count, rest.until, ports);
    return { certificates: [], renewed: [], failures: [] };
  }
  const { names, unknown } = await chooseNames(request.names, ports.certificates);
  const resting = await findResting(names, known, ports);
  const awake = names.filter((name) => !resting.until.has(name));
  const looked = await surveyAll(awake, request, ports);
  const clock = clockProblem(looked, ports, known.index?.newest);
  const survey = clock === undefined ? looked : withoutDates(looked);
  if (!survey.certificates.every(hasNothingToDo) || !(await isJournalEmpty(ports.journal))) {
    // What orders and deploys is loaded only by a run that has something to do.
    const { renewDue } = await import('./renew-due.ts');
    const outcome = await renewDue({ names: awake, newest: known.index?.newest }, request, ports, signal);
    await correctIfNotesAreWrong(clock, names, ports, signal);
    return { ...outcome, failures: [...unknown, ...outcome.failures] };
  }
  if (request.names.length === 0 && clock === undefined)
    await keepIndex(survey.certificates, known, resting, ports);
  await correctIfNotesAreWrong(clock, names, ports, signal);
  const failures = [
    ...(clock === undefined ? [] : [{ error: clock }]),
    ...unknown,
    ...survey.failures,
    ...survey.certificates.flatMap(failuresAtRest),
  ];
  if (failures.length === 0) {
    const due = survey.certificates.flatMap(({ need }) => (need.kind === 'good' ? [need.renewAt] : []));
    tellNothingToDo(names.length, earliest([...due, ...resting.until.values()]), ports);
  }
  return { certificates: survey.certificates.map(rowSource), renewed: [], failures };
}

/** A clock that is before the build of lanacme is wrong, whatever is noted. */
async function correctIfNotesAreWrong(
  problem: LanacmeError | undefined,
  names: readonly CertificateName[],
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<void> {
  const { clock, builtAt } = ports;
  if (problem === undefined || wrongClock(clock.now(), { builtAt }) !== undefined) return;
  const { correctNotes } = await import('./correct-notes.ts');
  await correctNotes(names, ports, signal);
}

function tellNothingToDo(count: number, next: Date | undefined, { log }: RenewPorts): void {
  if (next === undefined) log.info('nothing to do: there are no certificates yet');
  else {
    const good = count === 1 ? 'the certificate is good' : `${count} certificates are good`;
    log.info(`nothing to do: ${good}, to be looked at again on ${rfc3339(next)}`);
  }
}
