import type { ServedState } from '../core/certificate-record.ts';
import { owedHooks, withAllOwed, withHooks } from '../core/deployment.ts';
import {
  type DeploymentSituation,
  deploymentDue,
  failedCheck,
  isCheckOwed,
  isPutBackDue,
} from '../core/deployment-due.ts';
import { afterFailure } from '../core/hook-backoff.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import {
  type DeployPorts,
  type DeployTerms,
  type InPlace,
  inPlaceOf,
  isOtherHooks,
  situationOf,
} from './deployment-situation.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';
import { runHooks } from './run-hooks.ts';
import { goBack, putBackAgain } from './set-aside.ts';

/** What is on disk afterwards: with `--rollback-on-failure` another version may be live than before. */
export interface Deployed extends CertificateOnDisk {
  /** What failed, or has to wait: it is remembered in the record and stays owed. */
  readonly errors: readonly LanacmeError[];
}

/**
 * Runs the deploy hooks that are owed, then looks whether the servers serve what is live; goes back to the version
 * before if that is wanted and something failed. Later runs try again, without an order. The caller holds the lock.
 */
export async function deployCertificate(
  seen: CertificateOnDisk,
  terms: DeployTerms,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<Deployed> {
  const inPlace = inPlaceOf(seen);
  if (inPlace === undefined) return { ...seen, errors: [] };
  const situation = situationOf(inPlace, terms, ports);
  if (isOtherHooks(inPlace.record, situation.record)) await ports.certificates.saveRecord(situation.record);
  const wanted = { ...seen, record: situation.record };
  const due = terms.skip ? ({ kind: 'nothing' } as const) : deploymentDue(situation);
  if (due.kind === 'nothing') return { ...wanted, errors: [] };
  if (due.kind === 'wait') return { ...wanted, errors: [backingOff(situation.record.name, due.until)] };
  return await deployNow({ ...inPlace, record: situation.record }, terms, ports, signal);
}

async function deployNow(
  before: InPlace,
  terms: DeployTerms,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<Deployed> {
  const situation = situationOf(before, terms, ports);
  const put = isPutBackDue(situation) ? await putBackAgain(before, ports) : { ...before, errors: [] };
  const tried = await attempt(put, terms, ports, signal);
  const errors = [...put.errors, ...tried.errors];
  const [first] = tried.errors.filter(({ outcome }) => outcome !== 'wait');
  const goesBack = terms.rollbackOnFailure ?? before.record.terms?.rollbackOnFailure ?? false;
  if (first === undefined || !goesBack || tried.record.setAside !== undefined) return onDisk(tried, errors);
  const older = await goBack(tried, { error: first, before: before.record.setAside }, ports);
  if (older === undefined) return onDisk(tried, errors);
  const again = await attempt(older, { ...terms, force: true }, ports, signal);
  return onDisk(again, [...errors, ...again.errors]);
}

function onDisk({ record, live, facts }: InPlace, errors: readonly LanacmeError[]): Deployed {
  return { record, live, facts, damage: undefined, errors };
}

interface Attempted extends InPlace {
  readonly errors: readonly LanacmeError[];
}

/** The hooks, then the checks, once. */
async function attempt(
  inPlace: InPlace,
  terms: DeployTerms,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<Attempted> {
  const situation = situationOf(inPlace, terms, ports);
  // What root has noted as done did not bring about what was checked.
  const force = terms.force || failedCheck(situation.record) !== undefined;
  const { ran, ...after } = await runHooks(inPlace, { ...situation, force }, ports, signal);
  if (after.errors.length > 0) return after;
  if (owedHooks(after.record).length > 0) return { ...after, errors: stillWaiting(after, terms, ports) };
  if (ran === 0 && !terms.force && !isCheckOwed(after.record, situation.checks)) return after;
  return await check(after, situation, ports, signal);
}

/** Hooks that were not tried, since they failed lately. */
function stillWaiting(inPlace: InPlace, terms: DeployTerms, ports: DeployPorts): readonly LanacmeError[] {
  const due = deploymentDue(situationOf(inPlace, { ...terms, force: false }, ports));
  return due.kind === 'wait' ? [backingOff(inPlace.record.name, due.until)] : [];
}

/** Looks at what is served, and notes it. After a failure every hook is owed again. */
async function check(
  inPlace: InPlace,
  { checks: targets, commands }: DeploymentSituation,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<Attempted> {
  const { record, live, facts } = inPlace;
  const files = targets.length === 0 ? undefined : (await ports.certificates.live(record.name))?.files;
  if (files === undefined) return { ...inPlace, errors: [] };
  // With it comes Node's crypto.
  const { checkServed, notServed } = await import('./check-served.ts');
  const checks = await checkServed({ targets, leaf: files.cert, facts }, ports, signal);
  const now = ports.clock.now();
  const served: ServedState = { version: live.version, at: rfc3339(now), checks };
  const error = notServed(record.name, served);
  const before = failedCheck(record)?.backoff;
  const noted =
    error === undefined
      ? { ...record, served }
      : withAllOwed(
          withHooks({ ...record, served: { ...served, backoff: afterFailure(before, now) } }, commands),
        );
  await ports.certificates.saveRecord(noted);
  return { ...inPlace, record: noted, errors: error === undefined ? [] : [error] };
}

function backingOff(name: CertificateName, until: Date): LanacmeError {
  const message = `the deployment of ${name} failed several times and is tried again at ${rfc3339(until)}`;
  return new LanacmeError('renew.backing-off', message, {
    hint: 'mend what lanacme status tells of it; lanacme deploy tries it at once',
    outcome: 'wait',
    retryAt: until,
  });
}
