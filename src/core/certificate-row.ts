import type { LanacmeError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateRecord, CertificateSpec, StoredError } from './certificate-record.ts';
import { owedHooks } from './deployment.ts';
import type { CertificateName } from './names.ts';
import { decideRenewal } from './renewal.ts';
import { rfc3339 } from './rfc3339.ts';

/** What is on disk of one certificate. */
export interface RowSource {
  readonly name: CertificateName;
  readonly record?: CertificateRecord | undefined;
  readonly live?: { readonly path: string } | undefined;
  readonly facts?: CertificateFacts | undefined;
  /** Why its record or its files cannot be used. */
  readonly damage?: LanacmeError | undefined;
}

/** One certificate as `--json` shows it; the names of the members are part of the contract. Times are RFC 3339 UTC. */
export interface CertificateRow {
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
  /** Whether every hook has succeeded with the version that is live. */
  readonly deployed: boolean;
  /** `STATE_DIR/live/NAME`. */
  readonly path: string | null;
  readonly keyType: string | null;
  readonly error: StoredError | null;
}

export function certificateRow(source: RowSource, now: Date): CertificateRow {
  const { name, record, live, facts } = source;
  const spec = record?.installed?.spec ?? record?.spec;
  return {
    name,
    domains: facts?.domains ?? spec?.domains ?? [],
    ...identity(facts),
    ...renewal(source, now),
    ...ordered(spec),
    deployed: isDeployed(source),
    path: live?.path ?? null,
    error: errorOf(source),
  };
}

function identity(
  facts: CertificateFacts | undefined,
): Pick<CertificateRow, 'serial' | 'issuer' | 'notBefore' | 'notAfter'> {
  if (facts === undefined) return { serial: null, issuer: null, notBefore: null, notAfter: null };
  const { serial, issuer, notBefore, notAfter } = facts;
  return { serial, issuer, notBefore: rfc3339(notBefore), notAfter: rfc3339(notAfter) };
}

function ordered(spec: CertificateSpec | undefined): Pick<CertificateRow, 'profile' | 'keyType'> {
  return { profile: spec?.profile ?? null, keyType: spec?.keyType ?? null };
}

function isDeployed({ record, facts }: RowSource): boolean {
  return facts !== undefined && record?.installed !== undefined && owedHooks(record).length === 0;
}

function renewal({ facts, damage }: RowSource, now: Date): Pick<CertificateRow, 'renewAt' | 'renewReason'> {
  if (damage !== undefined) return { renewAt: null, renewReason: 'what is on disk cannot be used' };
  if (facts === undefined) return { renewAt: null, renewReason: 'there is no certificate yet' };
  const { renewAt, reason } = decideRenewal(facts, now);
  return { renewAt: rfc3339(renewAt), renewReason: reason };
}

/** The most pressing one: what is broken now, then the last order, then a hook. */
function errorOf({ record, damage }: RowSource): StoredError | null {
  const hookError =
    record === undefined ? undefined : owedHooks(record).find((hook) => hook.lastError)?.lastError;
  const error: StoredError | undefined = damage ?? record?.lastAttempt?.error ?? hookError;
  return error === undefined ? null : { code: error.code, message: error.message, hint: error.hint };
}
