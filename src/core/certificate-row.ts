import type { LanacmeError } from '../errors.ts';
import { type AttemptRow, attemptRow } from './attempt-row.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateRecord, CertificateSpec, HookState, StoredError } from './certificate-record.ts';
import { type DeploymentRow, deploymentError, deploymentRow } from './deployment-row.ts';
import type { CertificateName } from './names.ts';
import { decideRenewal, type RenewalDecision } from './renewal.ts';
import { exemption } from './replaces.ts';
import { rfc3339 } from './rfc3339.ts';

/** What is on disk of one certificate. */
export interface RowSource {
  readonly name: CertificateName;
  readonly record?: CertificateRecord | undefined;
  readonly live?: { readonly path: string } | undefined;
  readonly facts?: CertificateFacts | undefined;
  /** Why its record or its files cannot be used. */
  readonly damage?: LanacmeError | undefined;
  /** The hooks that root runs: what they have done is not in the record. */
  readonly rootHooks?: readonly HookState[] | undefined;
}

/** One certificate as `--json` shows it; the names of the members are part of the contract. Times are RFC 3339 UTC. */
export interface CertificateRow extends DeploymentRow, AttemptRow {
  readonly name: CertificateName;
  readonly domains: readonly string[];
  readonly serial: string | null;
  readonly issuer: string | null;
  readonly profile: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly renewAt: string | null;
  /** A sentence. */
  readonly renewReason: string;
  /** `STATE_DIR/live/NAME`. */
  readonly path: string | null;
  readonly keyType: string | null;
  readonly error: StoredError | null;
  /** The ACME directory URL. */
  readonly server: string | null;
  /** The one that is live. */
  readonly version: string | null;
  /** When that was put in place. */
  readonly installedAt: string | null;
  /** Whether its renewal counts against no rate limit of the CA, and why (not); null if nothing is renewed. */
  readonly exempt: boolean | null;
  readonly exemptReason: string | null;
  /** Set if the live certificate was revoked. */
  readonly revoked: { readonly at: string; readonly reason: string } | null;
}

export function certificateRow(source: RowSource, now: Date): CertificateRow {
  const { name, record, live, facts, rootHooks = [] } = source;
  const decision = decide(source, now);
  const { deployed, ...deployment } = deploymentRow(record, rootHooks);
  const attempts = attemptRow(record, decision);
  return {
    name,
    domains: facts?.domains ?? orderedWith(record)?.domains ?? [],
    ...identity(facts),
    ...renewal(source, decision),
    ...ordered(orderedWith(record)),
    deployed: deployed && facts !== undefined,
    path: live?.path ?? null,
    error: errorOf(source),
    ...installed(record, facts),
    ...exempt(source, attempts, now),
    ...attempts,
    ...deployment,
  };
}

function decide({ record, facts, damage }: RowSource, now: Date): RenewalDecision | undefined {
  return damage === undefined && facts !== undefined ? decideRenewal(facts, now, record) : undefined;
}

/** The spec of what is in place; without anything in place, what was asked for. */
function orderedWith(record: CertificateRecord | undefined): CertificateSpec | undefined {
  return record?.installed?.spec ?? record?.spec;
}

function identity(
  facts: CertificateFacts | undefined,
): Pick<CertificateRow, 'serial' | 'issuer' | 'notBefore' | 'notAfter'> {
  if (facts === undefined) return { serial: null, issuer: null, notBefore: null, notAfter: null };
  const { serial, issuer, notBefore, notAfter } = facts;
  return { serial, issuer, notBefore: rfc3339(notBefore), notAfter: rfc3339(notAfter) };
}

function ordered(spec: CertificateSpec | undefined): Pick<CertificateRow, 'profile' | 'keyType' | 'server'> {
  return { profile: spec?.profile ?? null, keyType: spec?.keyType ?? null, server: spec?.server ?? null };
}

function installed(
  record: CertificateRecord | undefined,
  facts: CertificateFacts | undefined,
): Pick<CertificateRow, 'version' | 'installedAt' | 'revoked'> {
  const { revoked, installed: version } = record ?? {};
  const isRevoked = revoked !== undefined && revoked.serial === facts?.serial;
  return {
    version: version?.version ?? null,
    installedAt: version?.at ?? null,
    revoked: isRevoked ? { at: revoked.at, reason: revoked.reason } : null,
  };
}

function renewal(
  { damage }: RowSource,
  decision: RenewalDecision | undefined,
): Pick<CertificateRow, 'renewAt' | 'renewReason'> {
  if (damage !== undefined) return { renewAt: null, renewReason: 'what is on disk cannot be used' };
  if (decision === undefined) return { renewAt: null, renewReason: 'there is no certificate yet' };
  return { renewAt: rfc3339(decision.renewAt), renewReason: decision.reason };
}

/** Of the renewal when it can be made: no run is earlier. */
function exempt(
  { record, facts }: RowSource,
  { nextAttempt }: AttemptRow,
  now: Date,
): Pick<CertificateRow, 'exempt' | 'exemptReason'> {
  if (record === undefined || facts === undefined || nextAttempt === null)
    return { exempt: null, exemptReason: null };
  const at = new Date(Math.max(Date.parse(nextAttempt.at), now.getTime()));
  const { exempt, reason } = exemption(record, record.spec, at);
  return { exempt, exemptReason: reason };
}

/** The most pressing one: what is broken now, then the last order, then its deployment. */
function errorOf({ record, damage, rootHooks = [] }: RowSource): StoredError | null {
  const error: StoredError | undefined =
    damage ?? record?.lastAttempt?.error ?? deploymentError(record, rootHooks);
  return error === undefined ? null : { code: error.code, message: error.message, hint: error.hint };
}
