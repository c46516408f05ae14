import type { CertificateRecord, HookState, StoredError } from './certificate-record.ts';
import { owedHooks } from './deployment.ts';

/** A failure, and when it was. */
export interface ErrorRow extends StoredError {
  /** RFC 3339. */
  readonly at: string;
}

/** A hook, and how far it is. */
export interface HookRow {
  readonly command: string;
  /** The version that it should deploy. */
  readonly wanted: string;
  /** The last one with which it succeeded. */
  readonly done: string | null;
  readonly error: ErrorRow | null;
  /** After failures: no run but one by hand tries before this instant. */
  readonly nextAttempt: string | null;
}

/** What a server showed when it was last asked. */
export interface ServedRow {
  /** `HOST:PORT[/SNI]` */
  readonly target: string;
  readonly at: string;
  /** The version that it should serve. */
  readonly version: string;
  /** Null: it serves it, on every address. */
  readonly problem: string | null;
}

/** A newer version that did not pass its checks. */
export interface SetAsideRow {
  readonly version: string;
  readonly error: ErrorRow;
  readonly nextAttempt: string;
}

/** How far the certificate is with those who use it. */
export interface DeploymentRow {
  /** Whether every hook has succeeded with the newest version, and servers that were asked showed it. */
  readonly deployed: boolean;
  readonly hooks: readonly HookRow[];
  readonly served: readonly ServedRow[];
  readonly setAside: SetAsideRow | null;
  /** Versions that a person went back from. */
  readonly held: readonly string[];
}

/** @param rootHooks hooks that root runs, and keeps its own account of */
export function deploymentRow(
  record: CertificateRecord | undefined,
  rootHooks: readonly HookState[],
): DeploymentRow {
  if (record === undefined) return { deployed: false, hooks: [], served: [], setAside: null, held: [] };
  return {
    deployed: isDeployed(record, rootHooks),
    hooks: [...record.hooks, ...rootHooks].map(hookRow),
    served: servedRows(record),
    setAside: setAsideRow(record),
    held: record.held ?? [],
  };
}

/** What went wrong with it last; the version that had to be set aside weighs most. */
export function deploymentError(
  record: CertificateRecord | undefined,
  rootHooks: readonly HookState[],
): StoredError | undefined {
  if (record === undefined) return undefined;
  const owed = [...owedHooks(record), ...rootHooks.filter(isOwed)];
  return record.setAside?.error ?? owed.find((hook) => hook.lastError)?.lastError ?? notServed(record);
}

function isDeployed(record: CertificateRecord, rootHooks: readonly HookState[]): boolean {
  return (
    record.installed !== undefined &&
    record.setAside === undefined &&
    owedHooks(record).length === 0 &&
    !rootHooks.some(isOwed) &&
    notServed(record) === undefined
  );
}

function isOwed({ wanted, done }: HookState): boolean {
  return wanted !== done;
}

/** Only what was expected of the version that is live says something of it. */
function notServed({ installed, served }: CertificateRecord): StoredError | undefined {
  if (served === undefined || served.version !== installed?.version) return undefined;
  const bad = served.checks.find(({ problem }) => problem !== undefined);
  return (
    bad && {
      code: 'deploy.not-served',
      message: `${bad.target}: ${bad.problem ?? ''}`,
      hint: 'see why the server did not load it, then: lanacme deploy',
    }
  );
}

function hookRow({ command, wanted, done, lastError, backoff }: HookState): HookRow {
  return {
    command,
    wanted,
    done: done ?? null,
    error: lastError ?? null,
    nextAttempt: backoff?.until ?? null,
  };
}

function servedRows({ served }: CertificateRecord): readonly ServedRow[] {
  if (served === undefined) return [];
  const { at, version, checks } = served;
  return checks.map(({ target, problem }) => ({ target, at, version, problem: problem ?? null }));
}

function setAsideRow({ setAside }: CertificateRecord): SetAsideRow | null {
  if (setAside === undefined) return null;
  const { installed, error, backoff } = setAside;
  return { version: installed.version, error, nextAttempt: backoff.until };
}
