import {
  type CertificateRecord,
  type CertificateSpec,
  type CertificateTerms,
  type HookState,
  type Inspection,
  type StoredError,
  withoutMembers,
} from './certificate-record.ts';
import type { CertificateName } from './names.ts';

/** What is ordered, and who is to be told. */
export interface Order {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly deployHooks: readonly string[];
  readonly terms?: CertificateTerms;
}

/** A version that was ordered so and is in place. */
export interface Installation extends Order {
  readonly version: string;
  /** RFC 3339. */
  readonly at: string;
  readonly inspection?: Inspection;
  /** URL of the account that ordered it. */
  readonly account?: string;
  /** Its id for ARI. */
  readonly certId?: string;
}

/** What is known of one version only, or was waited for. */
const ofTheVersionBefore = ['ari', 'backoff', 'wait', 'revoked', 'setAside', 'served'] as const;

/** As many versions as may be on disk, the live one aside, and some more. */
const mostEarlier = 9;

/**
 * The record as it is saved before `live/NAME` flips. A run that dies between the flip and its note leaves a version
 * that the record does not know: `recordOfLive` then still knows what it was ordered with.
 */
export function recordOrder(before: CertificateRecord | undefined, order: Order): CertificateRecord {
  const { name, spec, deployHooks, terms } = order;
  return {
    ...before,
    format: 1,
    name,
    spec,
    deployHooks: [...new Set(deployHooks)],
    ...(terms === undefined ? {} : { terms }),
    hooks: before?.hooks ?? [],
  };
}

/** The record with the version that is live as the installed one: if it knew another, every hook is owed this one. */
export function recordOfLive(record: CertificateRecord, version: string, at: string): CertificateRecord {
  if (record.installed?.version === version) return record;
  return withDeployHooks({ ...record, installed: { version, at, spec: record.spec } }, record.deployHooks);
}

/**
 * The record after an installation that succeeded: every hook is owed the new version, and what was known of the one
 * before, or was waited for, is over.
 */
export function recordInstallation(
  before: CertificateRecord | undefined,
  { version, at, inspection, account, certId, ...order }: Installation,
): CertificateRecord {
  const kept = withoutMembers(recordOrder(before, order), ofTheVersionBefore);
  const earlier = [...(before?.installed === undefined ? [] : [before.installed]), ...(kept.earlier ?? [])];
  const record: CertificateRecord = {
    ...kept,
    installed: {
      version,
      at,
      spec: order.spec,
      ...(inspection === undefined ? {} : { inspection }),
      ...(account === undefined ? {} : { account }),
      ...(certId === undefined ? {} : { certId }),
    },
    ...(earlier.length === 0 ? {} : { earlier: earlier.slice(0, mostEarlier) }),
    lastAttempt: { at },
  };
  return withDeployHooks(record, order.deployHooks);
}

/**
 * The record with the hooks that the user wants now. One that is new is owed the version in place; one that is gone is
 * forgotten; one that stays keeps what it has done.
 */
export function withDeployHooks(record: CertificateRecord, commands: readonly string[]): CertificateRecord {
  const deployHooks = [...new Set(commands)];
  const version = record.installed?.version;
  const hooks =
    version === undefined ? [] : deployHooks.map((command) => wanting(record.hooks, command, version));
  return { ...record, deployHooks, hooks };
}

function wanting(before: readonly HookState[], command: string, wanted: string): HookState {
  return { ...before.find((hook) => hook.command === command), command, wanted };
}

/** The hooks that have not yet succeeded with the version they should. */
export function owedHooks(record: CertificateRecord): readonly HookState[] {
  return record.hooks.filter((hook) => hook.done !== hook.wanted);
}

/** The hooks that are wanted now: without any given, those that the certificate has, so that a run by hand loses none. */
export function wantedHooks(
  given: readonly string[],
  record: CertificateRecord | undefined,
): readonly string[] {
  return given.length > 0 || record === undefined ? given : record.deployHooks;
}

/** Whether the hooks that the user wants now are owed something, or differ from those that are remembered. */
export function isDeploymentOwed(record: CertificateRecord, commands: readonly string[]): boolean {
  const next = withDeployHooks(record, commands);
  return owedHooks(next).length > 0 || next.hooks.length !== record.hooks.length;
}

export function hookSucceeded(record: CertificateRecord, command: string): CertificateRecord {
  return changeHook(record, command, ({ wanted }) => ({ command, wanted, done: wanted }));
}

/** A hook that failed is owed, also one that had been done and was run again with `--force`. */
export function hookFailed(
  record: CertificateRecord,
  command: string,
  failure: StoredError,
  at: string,
): CertificateRecord {
  const { code, message, hint } = failure;
  return changeHook(record, command, ({ wanted, done }) => ({
    command,
    wanted,
    ...(done === undefined || done === wanted ? {} : { done }),
    lastError: { code, message, hint, at },
  }));
}

function changeHook(
  record: CertificateRecord,
  command: string,
  change: (hook: HookState) => HookState,
): CertificateRecord {
  return { ...record, hooks: record.hooks.map((hook) => (hook.command === command ? change(hook) : hook)) };
}
