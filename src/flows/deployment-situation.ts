import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord } from '../core/certificate-record.ts';
import { wantedHooks, withHooks } from '../core/deployment.ts';
import { type DeploymentDue, type DeploymentSituation, deploymentDue } from '../core/deployment-due.ts';
import type { CertificateStore, Clock, Hooks, LiveVersion, Log, ServedLeaf } from '../ports.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';

/** How a run deploys: the same for all of its certificates. */
export interface DeployTerms {
  /** By flag or environment, in place of those that the certificate has; empty: those. */
  readonly deployHooks: readonly string[];
  /** In place of those that `issue` stored. */
  readonly checks?: readonly string[];
  readonly rollbackOnFailure?: boolean;
  /** Runs nothing and leaves what is owed to `lanacme deploy`. */
  readonly skip: boolean;
  /** Also what is not owed. */
  readonly force: boolean;
  /** Tries nothing before the end of its backoff: for runs by a timer. */
  readonly heedsBackoff: boolean;
}

export interface DeployPorts {
  readonly certificates: CertificateStore;
  readonly hooks: Hooks;
  readonly served: ServedLeaf;
  readonly clock: Clock;
  readonly log: Log;
}

/** A certificate of which a version is live. */
export interface InPlace {
  readonly record: CertificateRecord;
  readonly live: LiveVersion;
  readonly facts: CertificateFacts;
}

export function inPlaceOf({ record, live, facts }: CertificateOnDisk): InPlace | undefined {
  return record === undefined || live === undefined || facts === undefined
    ? undefined
    : { record, live, facts };
}

/** What `deployCertificate` would find to do. With nothing to do it need not be loaded, nor the lock be taken. */
export function dueDeployment(
  seen: CertificateOnDisk,
  terms: DeployTerms,
  ports: Pick<DeployPorts, 'hooks' | 'clock'>,
): DeploymentDue {
  const inPlace = inPlaceOf(seen);
  if (inPlace === undefined) return { kind: 'nothing' };
  const situation = situationOf(inPlace, terms, ports);
  if (isOtherHooks(inPlace.record, situation.record)) return { kind: 'due' };
  return terms.skip ? { kind: 'nothing' } : deploymentDue(situation);
}

/** The hooks that this run is to run, and what they are owed. */
export function situationOf(
  { record, live, facts }: InPlace,
  terms: DeployTerms,
  { hooks, clock }: Pick<DeployPorts, 'hooks' | 'clock'>,
): DeploymentSituation {
  const own = wantedHooks(terms.deployHooks, record);
  const ofHost = terms.skip ? othersOf(record) : hooks.ofHost().map(({ command }) => command);
  const commands = [...own, ...ofHost];
  const { name } = record;
  return {
    record: withHooks(record, [...commands, ...doneByOthers(record)]),
    commands,
    rootHooks: terms.skip ? [] : (hooks.root?.states(name, { ...live, serial: facts.serial }) ?? []),
    checks: terms.checks ?? record.terms?.checks ?? [],
    force: terms.force,
    heedsBackoff: terms.heedsBackoff,
    now: clock.now(),
  };
}

/** Whether the record is to be saved although nothing was run. */
export function isOtherHooks(one: CertificateRecord, other: CertificateRecord): boolean {
  const told = ({ hooks }: CertificateRecord) => hooks.map(({ command, wanted }) => [wanted, command]);
  return JSON.stringify(told(one)) !== JSON.stringify(told(other));
}

/**
 * Hooks of other runs, which may have been told of others, that have done the live version: they must not run again
 * because this run does not know them.
 */
function doneByOthers({ hooks, installed }: CertificateRecord): readonly string[] {
  return hooks.filter(({ done }) => done === installed?.version).map(({ command }) => command);
}

/** Hooks that are not the certificate's own: a run that runs nothing need not know them. */
function othersOf({ hooks, deployHooks }: CertificateRecord): readonly string[] {
  return hooks.map(({ command }) => command).filter((command) => !deployHooks.includes(command));
}
