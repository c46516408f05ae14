import type { CertificateRecord, HookState, ServedState } from './certificate-record.ts';
import { isOwed } from './deployment.ts';
import { isBackingOff } from './hook-backoff.ts';

/** What is known of the deployment of one certificate, and how eager the run is. */
export interface DeploymentSituation {
  /** Its hooks are those that this run is to run, and others that have nothing to do. */
  readonly record: CertificateRecord;
  /** Those that this run is to run. */
  readonly commands: readonly string[];
  /** What root's own hooks are owed; empty if there are none. */
  readonly rootHooks: readonly HookState[];
  /** `HOST:PORT[/SNI]` that must serve the live version. */
  readonly checks: readonly string[];
  /** Also what is not owed. */
  readonly force: boolean;
  /** Not before the end of a backoff: for runs by a timer. */
  readonly heedsBackoff: boolean;
  readonly now: Date;
}

export type DeploymentDue =
  | { readonly kind: 'nothing' }
  /** Everything that is owed failed lately, and waits. */
  | { readonly kind: 'wait'; readonly until: Date }
  | { readonly kind: 'due' };

/** Whether there is something to deploy now. */
export function deploymentDue(situation: DeploymentSituation): DeploymentDue {
  const { record, heedsBackoff, now } = situation;
  const waits = openWork(situation);
  if (waits.length === 0) return { kind: 'nothing' };
  const backoff = heedsBackoff ? failedCheck(record)?.backoff : undefined;
  const after = isBackingOff(backoff, now) ? [...waits, Date.parse(backoff.until)] : undefined;
  const until = after === undefined ? Math.min(...waits) : Math.max(...after);
  return heedsBackoff && until > now.getTime() ? { kind: 'wait', until: new Date(until) } : { kind: 'due' };
}

/** Until when each thing that is to be done waits for its backoff, as milliseconds of the epoch. */
function openWork(situation: DeploymentSituation): readonly number[] {
  const { record, commands, rootHooks, checks, force } = situation;
  const own = record.hooks.filter(({ command }) => commands.includes(command));
  const hooks = [...own, ...rootHooks].filter((hook) => force || isOwed(hook));
  const backoffs = hooks.map(({ backoff }) => backoff);
  if (isSetAside(record)) backoffs.push(record.setAside?.backoff);
  if (force ? checks.length > 0 : isCheckOwed(record, checks)) backoffs.push(undefined);
  return backoffs.map((backoff) => (backoff === undefined ? 0 : Date.parse(backoff.until)));
}

/** The hooks that this run tries now. */
export function hooksToTry({ record, commands, ...how }: DeploymentSituation): readonly HookState[] {
  return triedNow(
    record.hooks.filter(({ command }) => commands.includes(command)),
    how,
  );
}

/** The hooks of root that it is asked to try now. */
export function rootHooksToTry({ rootHooks, ...how }: DeploymentSituation): readonly HookState[] {
  return triedNow(rootHooks, how);
}

function triedNow(
  hooks: readonly HookState[],
  { force, heedsBackoff, now }: Pick<DeploymentSituation, 'force' | 'heedsBackoff' | 'now'>,
): readonly HookState[] {
  return hooks.filter(
    (hook) => (force || isOwed(hook)) && !(heedsBackoff && isBackingOff(hook.backoff, now)),
  );
}

/** Whether a newer version waits to be put back, and this run may do it. */
export function isPutBackDue({
  record,
  heedsBackoff,
  now,
}: Pick<DeploymentSituation, 'record' | 'heedsBackoff' | 'now'>): boolean {
  return isSetAside(record) && !(heedsBackoff && isBackingOff(record.setAside?.backoff, now));
}

function isSetAside({ setAside, held = [] }: CertificateRecord): boolean {
  return setAside !== undefined && !held.includes(setAside.installed.version);
}

/** Whether one of these servers was not yet seen to serve the live version. */
export function isCheckOwed({ installed, served }: CertificateRecord, checks: readonly string[]): boolean {
  if (installed === undefined) return false;
  const seen = served?.version === installed.version ? served.checks : [];
  return checks.some((target) => {
    const check = seen.find((one) => one.target === target);
    return check === undefined || check.problem !== undefined;
  });
}

/** The checks of the live version, if one failed. */
export function failedCheck({ installed, served }: CertificateRecord): ServedState | undefined {
  if (served?.version !== installed?.version) return undefined;
  return served?.checks.some(({ problem }) => problem !== undefined) === true ? served : undefined;
}
