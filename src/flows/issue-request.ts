import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord, CertificateSpec, CertificateTerms } from '../core/certificate-record.ts';
import type { Verdict } from '../core/good-certificate.ts';
import type { CertificateName } from '../core/names.ts';
import type { LanacmeError } from '../errors.ts';
import type { IssueWiring, LiveVersion } from '../ports.ts';
import type { DeployTerms } from './deployment-situation.ts';
import type { ZoneWanted } from './find-zone.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';

/** A certificate that is to be there, and how it is got. */
export interface IssueRequest {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly terms: CertificateTerms;
  /** Empty: those that the certificate already has are kept, so that a run by hand does not lose them. */
  readonly deployHooks: readonly string[];
  readonly deployment: Omit<DeployTerms, 'deployHooks'>;
  readonly zone: ZoneWanted;
  readonly dnsTimeoutMs: number;
  readonly force: boolean;
  /** No looks before the order (`--skip-preflight`). */
  readonly skipPreflight: boolean;
  readonly isStaging: (directoryUrl: string) => boolean;
}

export type IssuePorts = Omit<IssueWiring, 'close'>;

export interface IssueOutcome {
  /** Whether a certificate was ordered in this run. */
  readonly issued: boolean;
  readonly record: CertificateRecord | undefined;
  readonly live: LiveVersion | undefined;
  /** What the live certificate says of itself. */
  readonly facts: CertificateFacts | undefined;
  /** What went wrong although there is a certificate now: a hook, or a record that could not be removed. */
  readonly errors: readonly LanacmeError[];
}

/** What is on disk, and what follows from it. */
export interface Judged extends CertificateOnDisk {
  readonly verdict: Exclude<Verdict, { readonly kind: 'refuse' }>;
}
