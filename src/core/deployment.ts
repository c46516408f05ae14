import {
  type ArrivingVersion,
  type CertificateRecord,
  type CertificateSpec,
  type CertificateTerms,
  type HookState,
  type Inspection,
  type InstalledVersion,
  type StoredError,
  withoutMembers,
} from './certificate-record.ts';
import { afterFailure } from './hook-backoff.ts';
import { installTermsOf } from './install-terms.ts';
import type { CertificateName } from './names.ts';
import { rfc3339 } from './rfc3339.ts';

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
const ofTheVersionBefore = ['arriving', 'ari', 'backoff', 'wait', 'revoked', 'setAside', 'served'] as const;

/** As many versions as may be on disk, the live one aside, and some more. */
const mostEarlier = 9;

/**
 * The record as it is saved before `live/NAME` flips. A run that dies between the flip and its note leaves a version
 * that the record does not know: `recordOfLive` then still knows what it was ordered with, and by whom.
 */
export function recordOrder(
  before: CertificateRecord | undefined,
  order: Order,
  arriving?: ArrivingVersion,
): CertificateRecord {
  const { name, spec, deployHooks, terms } = order;
  return {
    ...before,
    format: 1,
    name,
    spec,
    deployHooks: [...new Set(deployHooks)],
    ...(terms === undefined ? {} : { terms }),
    ...(arriving === undefined ? {} : { arriving }),
    hooks: before?.hooks ?? [],
  };
}

/**
 * The record with the version that is live as the installed one. If it knew another, a run died between the flip and
 * its note: every hook is owed what is live.
 */
export function recordOfLive(
  record: CertificateRecord,
  version: string,
  at: string,
  serial?: string,
): CertificateRecord {
  const { installed, setAside, earlier = [], arriving } = record;
  if (installed?.version === version) return record;
  const known = [setAside?.installed, ...earlier].find((one) => one?.version === version);
  if (known !== undefined) return withLive(record, known);
  const { account, certId } = arriving?.serial === serial ? (arriving ?? {}) : {};
  const arrived: InstalledVersion = {
    version,
    at,
    spec: record.spec,
    ...(account === undefined ? {} : { account }),
    ...(certId === undefined ? {} : { certId }),
  };
  const changed = { ...withoutMembers(record, ofTheVersionBefore), installed: arrived };
  return withDeployHooks(
    installed === undefined ? changed : { ...changed, earlier: [installed, ...earlier] },
    record.deployHooks,
  );
}

/**
 * The record with another version that is on disk as the live one. Every hook runs again, also one that had done this
 * version once.
 */
export function withLive(record: CertificateRecord, next: InstalledVersion): CertificateRecord {
  const { installed, earlier = [], setAside } = record;
  const others = installed === undefined ? earlier : [installed, ...earlier];
  const changed = {
    ...withoutMembers(record, [
      'served',
      ...(setAside?.installed.version === next.version ? ['setAside' as const] : []),
    ]),
    installed: next,
    earlier: others.filter(({ version }) => version !== next.version),
  };
  const commands = record.hooks.map(({ command }) => command);
  return withAllOwed(withHooks(changed, commands));
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
  const terms = installTermsOf(order.terms ?? {});
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
      ...(Object.keys(terms).length === 0 ? {} : { terms }),
    },
    ...(earlier.length === 0 ? {} : { earlier: earlier.slice(0, mostEarlier) }),
    lastAttempt: { at },
  };
  return withDeployHooks(record, order.deployHooks);
}

/**
 * The record with the hooks of this certificate that the user wants now. One that is new is owed the version in place;
 * one that is gone is forgotten; one that stays keeps what it has done. Hooks that run for every certificate stay.
 */
export function withDeployHooks(record: CertificateRecord, commands: readonly string[]): CertificateRecord {
  const deployHooks = [...new Set(commands)];
  const others = record.hooks
    .map(({ command }) => command)
    .filter((one) => !record.deployHooks.includes(one));
  return withHooks({ ...record, deployHooks }, [...deployHooks, ...others]);
}

/** The record with the state of these hooks and of no others; each is owed the version in place. */
export function withHooks(record: CertificateRecord, commands: readonly string[]): CertificateRecord {
  const version = record.installed?.version;
  return { ...record, hooks: version === undefined ? [] : hooksWanting(record.hooks, commands, version) };
}

/** What each of these hooks is owed, with what is known of it. */
export function hooksWanting(
  before: readonly HookState[],
  commands: readonly string[],
  version: string,
): readonly HookState[] {
  return [...new Set(commands)].map((command) => {
    const known = before.find((hook) => hook.command === command);
    if (known?.wanted === version) return known;
    // A new version is tried at once, whatever came of the one before.
    const { done, lastError } = known ?? {};
    return {
      command,
      wanted: version,
      ...(done === undefined ? {} : { done }),
      ...(lastError === undefined ? {} : { lastError }),
    };
  });
}

/** Whether a hook has not yet succeeded with the version it should. */
export function isOwed({ done, wanted }: HookState): boolean {
  return done !== wanted;
}

/** The hooks that have not yet succeeded with the version they should. */
export function owedHooks(record: CertificateRecord): readonly HookState[] {
  return record.hooks.filter(isOwed);
}

/** The record as if no hook had done anything. */
export function withAllOwed(record: CertificateRecord): CertificateRecord {
  return { ...record, hooks: record.hooks.map(undone) };
}

function undone({ command, wanted, lastError, backoff }: HookState): HookState {
  return {
    command,
    wanted,
    ...(lastError === undefined ? {} : { lastError }),
    ...(backoff === undefined ? {} : { backoff }),
  };
}

/** The hooks that are wanted now: without any given, those that the certificate has, so that a run by hand loses none. */
export function wantedHooks(
  given: readonly string[],
  record: CertificateRecord | undefined,
): readonly string[] {
  return given.length > 0 || record === undefined ? given : record.deployHooks;
}

export function hookSucceeded(record: CertificateRecord, command: string): CertificateRecord {
  return changeHook(record, command, succeeded);
}

/** A hook that failed is owed, also one that had been done and was run again with `--force`. */
export function hookFailed(
  record: CertificateRecord,
  command: string,
  failure: StoredError,
  now: Date,
): CertificateRecord {
  return changeHook(record, command, (hook) => failed(hook, failure, now));
}

/** The hook after it did what it should. */
export function succeeded({ command, wanted }: HookState): HookState {
  return { command, wanted, done: wanted };
}

/** The hook after one more failure. */
export function failed(
  { command, wanted, done, backoff }: HookState,
  failure: StoredError,
  now: Date,
): HookState {
  const { code, message, hint } = failure;
  return {
    command,
    wanted,
    ...(done === undefined || done === wanted ? {} : { done }),
    lastError: { code, message, hint, at: rfc3339(now) },
    backoff: afterFailure(backoff, now),
  };
}

function changeHook(
  record: CertificateRecord,
  command: string,
  change: (hook: HookState) => HookState,
): CertificateRecord {
  return { ...record, hooks: record.hooks.map((hook) => (hook.command === command ? change(hook) : hook)) };
}
