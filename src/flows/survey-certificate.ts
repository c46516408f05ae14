import type { CertificateRecord } from '../core/certificate-record.ts';
import { wantedHooks } from '../core/deployment.ts';
import type { DeploymentDue } from '../core/deployment-due.ts';
import type { CertificateName } from '../core/names.ts';
import { reasonsToReinstall } from '../core/reinstallation.ts';
import { type RenewalNeed, renewalNeed } from '../core/renewal-need.ts';
import { type CertificateChanges, renewalRequest } from '../core/renewal-request.ts';
import { mayAskRenewalInfo } from './ask-renewal-info.ts';
import { dueDeployment } from './deployment-situation.ts';
import type { IssuePorts, IssueRequest } from './issue-request.ts';
import { type CertificateOnDisk, lookAtCertificate } from './look-at-certificate.ts';

/** What a run of `renew` was told, for all certificates. */
export interface SurveyTerms extends Omit<IssueRequest, 'name' | 'spec' | 'terms'> {
  /** What beats what `issue` stored. */
  readonly changes: CertificateChanges;
}

/** A certificate as it is, and what is to be done about it. */
export interface SurveyedCertificate {
  readonly name: CertificateName;
  readonly seen: CertificateOnDisk & { readonly record: CertificateRecord };
  readonly request: IssueRequest;
  readonly need: RenewalNeed;
  readonly deployment: DeploymentDue;
  /** Whether the CA may be asked now when it is best renewed. */
  readonly asksCa: boolean;
}

/**
 * Reads a certificate and says what `renew` has to do for it. Nothing if it has gone meanwhile.
 *
 * @throws LanacmeError if its record cannot be read.
 */
export async function surveyCertificate(
  name: CertificateName,
  terms: SurveyTerms,
  ports: Pick<IssuePorts, 'certificates' | 'hooks' | 'clock'>,
): Promise<SurveyedCertificate | undefined> {
  const seen = await lookAtCertificate(name, ports.certificates);
  const { record, facts, damage } = seen;
  if (record === undefined) return undefined;
  const { changes, ...common } = terms;
  const wanted = renewalRequest(record, changes);
  const deployHooks = wantedHooks(common.deployHooks, record);
  const request = { ...common, name, ...wanted, deployHooks };
  const now = ports.clock.now();
  const { force, isStaging } = terms;
  const need = renewalNeed({ name, wanted: wanted.spec, record, live: facts, damage, force, now, isStaging });
  const isToReinstall = facts !== undefined && reasonsToReinstall(record, wanted.terms).length > 0;
  const deployment: DeploymentDue = isToReinstall
    ? { kind: 'due' }
    : dueDeployment(seen, { ...terms.deployment, deployHooks }, ports);
  return {
    name,
    seen: { ...seen, record },
    request,
    need,
    deployment,
    asksCa: mayAskRenewalInfo(record, now),
  };
}
