import { areSameTerms } from '../core/certificate-terms.ts';
import { wantedHooks } from '../core/deployment.ts';
import { judgeCertificate } from '../core/good-certificate.ts';
import { reasonsToReinstall } from '../core/reinstallation.ts';
import { setAsideInPlace, toldToWait } from '../core/renewal-need.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { Log } from '../ports.ts';
import { dueDeployment } from './deployment-situation.ts';
import { isJournalEmpty } from './is-journal-empty.ts';
import type { IssueOutcome, IssuePorts, IssueRequest, Judged } from './issue-request.ts';
import { lookAtCertificate } from './look-at-certificate.ts';
import { whileLocked } from './while-locked.ts';

/**
 * `lanacme issue`: makes sure that a good certificate is in place and deployed. With one there already this reads a
 * few files and does nothing else.
 *
 * @throws LanacmeError or SeveralErrors for whatever kept the certificate from being there.
 */
export async function issueCertificate(
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<IssueOutcome> {
  const before = await judge(request, ports);
  if (await isNothingToDo(before, request, ports)) return nothingToDo(before, ports.log);
  // What orders is loaded only by a run that has something to do.
  const { issueAnew } = await import('./issue-anew.ts');
  return await whileLocked(ports, signal, async () => {
    // Another run may have done the work while this one waited for the lock.
    const seen = await judge(request, ports);
    if (await isNothingToDo(seen, request, ports)) return nothingToDo(seen, ports.log);
    const deployHooks = wantedHooks(request.deployHooks, seen.record);
    return await issueAnew(seen, { ...request, deployHooks }, ports, signal);
  });
}

async function judge(request: IssueRequest, ports: IssuePorts): Promise<Judged> {
  const { name, spec, force, isStaging } = request;
  const onDisk = await lookAtCertificate(name, ports.certificates);
  const situation = {
    name,
    wanted: spec,
    record: onDisk.record,
    live: onDisk.facts,
    damage: onDisk.damage,
    force,
    now: ports.clock.now(),
    isStaging,
  };
  const verdict = judgeCertificate(setAsideInPlace(situation));
  if (verdict.kind === 'refuse') throw verdict.error;
  const told =
    verdict.kind === 'order' ? toldToWait(name, onDisk.record, spec, ports.clock.now()) : undefined;
  if (told !== undefined) throw told;
  return { ...onDisk, verdict };
}

async function isNothingToDo(seen: Judged, request: IssueRequest, ports: IssuePorts): Promise<boolean> {
  const { verdict, record } = seen;
  const { deployment, deployHooks, terms } = request;
  if (verdict.kind !== 'good' || record === undefined) return false;
  if (!areSameTerms(record.terms ?? {}, terms) || reasonsToReinstall(record, terms).length > 0) return false;
  if (areOthers(wantedHooks(deployHooks, record), record.deployHooks)) return false;
  if (dueDeployment(seen, { ...deployment, deployHooks }, ports).kind !== 'nothing') return false;
  return await isJournalEmpty(ports.journal);
}

/** Order is no difference, nor is saying one twice. */
function areOthers(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)];
  return one.size !== other.size || [...one].some((command) => !other.has(command));
}

function nothingToDo(seen: Judged, log: Log): IssueOutcome {
  if (seen.verdict.kind === 'good') {
    const due = rfc3339(seen.verdict.renewAt);
    log.info(`nothing to do: a good certificate is in place, due for renewal on ${due}`);
  }
  const { record, live, facts } = seen;
  return { issued: false, record, live, facts, errors: [] };
}
