import type { RowSource } from '../core/certificate-row.ts';
import { wrongClock } from '../core/clock-check.ts';
import type { CertificateName } from '../core/names.ts';
import { latest, newestInstant } from '../core/newest-instant.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { asLanacmeErrors, LanacmeError } from '../errors.ts';
import type { RenewalIndexStore } from '../ports.ts';
import type { IssuePorts } from './issue-request.ts';
import { type SurveyedCertificate, type SurveyTerms, surveyCertificate } from './survey-certificate.ts';

export interface RenewRequest extends SurveyTerms {
  /** All certificates if empty. */
  readonly names: readonly CertificateName[];
  /** Everything in what this run was told that decides what there is to do, as one text. */
  readonly told: string;
  /** Somebody wants to read of every certificate, also of those with nothing to do. */
  readonly wantsAll: boolean;
}

export interface RenewPorts extends IssuePorts {
  readonly renewals: RenewalIndexStore;
  /** When this lanacme was made: it cannot be earlier. */
  readonly builtAt?: Date | undefined;
}

export interface RenewFailure {
  readonly certificate?: CertificateName;
  readonly error: LanacmeError;
}

export interface RenewOutcome {
  /** The certificates that were looked at, as they are now. */
  readonly certificates: readonly RowSource[];
  /** Those that have a new version now. */
  readonly renewed: readonly CertificateName[];
  readonly failures: readonly RenewFailure[];
}

export interface Survey {
  readonly certificates: readonly SurveyedCertificate[];
  /** Records that cannot be read, each for its certificate alone. */
  readonly failures: readonly RenewFailure[];
}

export async function surveyAll(
  names: readonly CertificateName[],
  terms: SurveyTerms,
  ports: RenewPorts,
): Promise<Survey> {
  const found: SurveyedCertificate[] = [];
  const failures: RenewFailure[] = [];
  for (const name of names) {
    try {
      const surveyed = await surveyCertificate(name, terms, ports);
      if (surveyed !== undefined) found.push(surveyed);
    } catch (error) {
      failures.push(...asLanacmeErrors(error).map((failure) => ({ certificate: name, error: failure })));
    }
  }
  return { certificates: found, failures };
}

/** What is left to do by a clock that is wrong: what is owed is deployed, nobody is asked, nothing is ordered. */
export function withoutDates({ certificates, failures }: Survey): Survey {
  const unjudged = certificates.map((one) => ({
    ...one,
    need: { kind: 'unjudged' } as const,
    asksCa: false,
  }));
  return { certificates: unjudged, failures };
}

/** Why this host's clock cannot be right, by what the certificates say has happened. */
export function clockProblem(
  { certificates }: Survey,
  { builtAt, clock }: RenewPorts,
  newestBefore: string | undefined,
): LanacmeError | undefined {
  const newestKnown = latest([
    ...(newestBefore === undefined ? [] : [new Date(newestBefore)]),
    ...certificates.flatMap(({ seen }) => newestInstant(seen.record) ?? []),
  ]);
  return wrongClock(clock.now(), { builtAt, newestKnown });
}

export function hasNothingToDo({ need, deployment, asksCa }: SurveyedCertificate): boolean {
  return need.kind !== 'order' && deployment.kind !== 'due' && !asksCa;
}

/** What a certificate that is left alone has to be told of. */
export function failuresAtRest({
  name,
  need,
  deployment,
  seen,
}: SurveyedCertificate): readonly RenewFailure[] {
  const errors: LanacmeError[] = [];
  if (need.kind === 'wait' || need.kind === 'refuse') errors.push(need.error);
  if (deployment.kind === 'wait') errors.push(notYetDeployed(name, deployment.until, seen));
  return errors.map((error) => ({ certificate: name, error }));
}

function notYetDeployed(
  name: CertificateName,
  until: Date,
  { record }: SurveyedCertificate['seen'],
): LanacmeError {
  const last = record.hooks.find(({ lastError }) => lastError)?.lastError ?? record.setAside?.error;
  const message = `${name} is not deployed, and that is tried again on ${rfc3339(until)}`;
  return new LanacmeError('renew.backing-off', last === undefined ? message : `${message}: ${last.message}`, {
    hint: `mend what the message says; lanacme deploy ${name} tries at once`,
    outcome: 'wait',
    retryAt: until,
  });
}

export function rowSource({ name, seen }: SurveyedCertificate): RowSource {
  return { name, ...seen };
}
