import type { CertificateRecord } from '../core/certificate-record.ts';
import { withDeployHooks } from '../core/deployment.ts';
import { reasonsToReinstall } from '../core/reinstallation.ts';
import { asLanacmeErrors, type LanacmeError, SeveralErrors } from '../errors.ts';
import { askRenewalInfo } from './ask-renewal-info.ts';
import { deployCertificate } from './deploy.ts';
import { installCertificate } from './install-certificate.ts';
import type { IssueOutcome, IssuePorts, IssueRequest, Judged } from './issue-request.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';
import { orderCertificate } from './order-certificate.ts';
import type { OrderingSession } from './ordering-session.ts';
import { pruneVersions } from './prune-versions.ts';
import { reinstallCertificate } from './reinstall-certificate.ts';
import { rememberFailure } from './remember-failure.ts';

/**
 * Orders the certificate if the verdict says so, puts it in place, and runs the hooks that are owed. The caller holds
 * the lock, and has judged what is on disk since.
 *
 * @throws LanacmeError or SeveralErrors for whatever kept the certificate from being there.
 */
export async function replaceCertificate(
  seen: Judged,
  request: IssueRequest,
  ports: IssuePorts,
  session: OrderingSession,
  signal: AbortSignal,
): Promise<IssueOutcome> {
  // What goes wrong beside the certificate: told in every outcome, after what failed.
  const aside: LanacmeError[] = [];
  try {
    const issued = seen.verdict.kind === 'order';
    const inPlace = issued
      ? await replace(seen, request, aside, ports, session, signal)
      : await wanting(seen, request, aside, ports);
    const { deployment, deployHooks } = request;
    // Two hooks at once would reload one server twice at the same moment.
    const deployed = await session.oneAtATime(
      async () => await deployCertificate(inPlace, { ...deployment, deployHooks }, ports, signal),
    );
    const { record, live, facts, errors } = deployed;
    if (record !== undefined) aside.push(...(await pruneVersions(record, ports)));
    if (!issued || record === undefined)
      return { issued, record, live, facts, errors: [...aside, ...errors] };
    const suggested = await askWhenToRenew(record, ports, signal);
    return { issued, record: suggested, live, facts, errors: [...aside, ...errors] };
  } catch (error) {
    throw aside.length === 0 ? error : new SeveralErrors([...asLanacmeErrors(error), ...aside]);
  }
}

/** Orders a certificate and puts it in place; a failure is remembered. */
async function replace(
  seen: Judged,
  request: IssueRequest,
  aside: LanacmeError[],
  ports: IssuePorts,
  session: OrderingSession,
  signal: AbortSignal,
): Promise<CertificateOnDisk> {
  const reasons = seen.verdict.kind === 'order' ? seen.verdict.reasons : [];
  for (const reason of reasons) ports.log.info(`ordering a certificate: ${reason}`);
  const progress = { reachedCa: false };
  try {
    for (const warning of await ports.certificates.prepare(request.name, request.terms))
      ports.log.warn(warning);
    const ordered = await orderCertificate(seen, request, progress, ports, session, signal);
    aside.push(...ordered.leftBehind);
    return await installCertificate(seen, ordered, request, ports);
  } catch (error) {
    aside.push(...(await rememberFailure(request, error, progress, ports)));
    throw error;
  }
}

/** Right after it was issued, so that the next runs need not ask. */
async function askWhenToRenew(
  record: CertificateRecord,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<CertificateRecord> {
  const asked = await askRenewalInfo(record, ports, signal);
  if (asked !== record) await ports.certificates.saveRecord(asked);
  return asked;
}

/**
 * What is in place, with what is wanted now: a hook that is new is owed what is live; the same certificate is written
 * once more if it is to have other files or other readers. Without that, what is live is deployed all the same.
 */
async function wanting(
  seen: Judged,
  { terms, deployHooks }: IssueRequest,
  aside: LanacmeError[],
  ports: IssuePorts,
): Promise<CertificateOnDisk> {
  if (seen.record === undefined) return seen;
  const before = withDeployHooks(seen.record, deployHooks);
  const changed = reasonsToReinstall(before, terms);
  if (changed.length === 0) return await noted(seen, { ...before, terms }, ports);
  ports.log.info(`installing the certificate again: ${changed.join(', ')} changed`);
  try {
    return await reinstallCertificate(seen, { ...before, terms }, terms, ports);
  } catch (error) {
    aside.push(...asLanacmeErrors(error));
    return await noted(seen, before, ports);
  }
}

async function noted(
  seen: Judged,
  record: CertificateRecord,
  { certificates }: IssuePorts,
): Promise<CertificateOnDisk> {
  await certificates.saveRecord(record);
  return { ...seen, record };
}
