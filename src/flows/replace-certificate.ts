import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord, CertificateSpec, CertificateTerms } from '../core/certificate-record.ts';
import { recordInstallation, recordOrder, withDeployHooks } from '../core/deployment.ts';
import { recordFailure } from '../core/failed-attempt.ts';
import type { Verdict } from '../core/good-certificate.ts';
import { inspectionOf } from '../core/inspection.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { asLanacmeErrors, type LanacmeError, SeveralErrors } from '../errors.ts';
import type { IssueWiring, LiveVersion, NewAccount } from '../ports.ts';
import { cleanUpLeftovers, leftoverMs } from './clean-up.ts';
import { deploy } from './deploy.ts';
import { withAccount } from './ensure-account.ts';
import { findZone, type ZoneWanted } from './find-zone.ts';
import { followCnames } from './follow-cnames.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';
import {
  type ObtainedCertificate,
  type ObtainPorts,
  type ObtainRequest,
  obtainCertificate,
} from './obtain-certificate.ts';
import { preflight } from './preflight.ts';
import { viewZone, type ZoneView } from './zone-view.ts';
import { ZoneWriter } from './zone-writer.ts';

export interface IssueRequest {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly terms: CertificateTerms;
  /** Empty: those that the certificate already has are kept, so that a run by hand does not lose them. */
  readonly deployHooks: readonly string[];
  readonly zone: ZoneWanted;
  readonly account: NewAccount;
  readonly dnsTimeoutMs: number;
  readonly force: boolean;
  /** No looks before the order (`--skip-preflight`). */
  readonly skipPreflight: boolean;
  readonly isStaging: (directoryUrl: string) => boolean;
}

export type IssuePorts = Omit<IssueWiring, 'newAccount' | 'close'>;

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
  signal: AbortSignal,
): Promise<IssueOutcome> {
  // What goes wrong beside the certificate: told in every outcome, after what failed.
  const aside = [...(await removeLeftovers(request, ports, signal))];
  try {
    const issued = seen.verdict.kind === 'order';
    const inPlace = issued
      ? await replace(seen, request, aside, ports, signal)
      : await wanting(seen, request, ports);
    const { record, errors } = await deployLive(inPlace, ports, signal);
    const { live, facts } = inPlace;
    return { issued, record, live, facts, errors: [...aside, ...errors] };
  } catch (error) {
    throw aside.length === 0 ? error : new SeveralErrors([...asLanacmeErrors(error), ...aside]);
  }
}

/**
 * The lock is held, so whatever the journal says is of a run that has ended. What cannot be removed does not keep the
 * certificate from being issued: the values of this order are others.
 */
async function removeLeftovers(
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<readonly LanacmeError[]> {
  try {
    const entries = await ports.journal.entries();
    if (entries.length === 0) return [];
    ports.log.info('an earlier run was interrupted: removing the challenges that it left');
    const zonePorts = { ...ports, route53: await ports.route53() };
    return (await cleanUpLeftovers(entries, request.zone, zonePorts, leftoverMs, signal)).errors;
  } catch (error) {
    signal.throwIfAborted();
    return asLanacmeErrors(error);
  }
}

/** Orders a certificate and puts it in place; a failure is remembered. */
async function replace(
  seen: Judged,
  request: IssueRequest,
  aside: LanacmeError[],
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<CertificateOnDisk> {
  const reasons = seen.verdict.kind === 'order' ? seen.verdict.reasons : [];
  for (const reason of reasons) ports.log.info(`ordering a certificate: ${reason}`);
  try {
    await ports.certificates.prepare(request.name);
    const obtained = await obtain(seen, request, ports, signal);
    aside.push(...obtained.leftBehind);
    return await install(seen, obtained, request, ports);
  } catch (error) {
    aside.push(...(await rememberFailure(request, error, ports)));
    throw error;
  }
}

async function obtain(
  seen: Judged,
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<ObtainedCertificate> {
  // What cannot be proved here is refused before anybody is asked for anything.
  const { domains } = request.spec;
  const { zone: zoneName, aliases } = request.zone;
  let viewing: Promise<ZoneView> | undefined;
  const view = async (): Promise<ZoneView> => {
    viewing ??= ports.nameServers().then(async (servers) => await viewZone(zoneName, servers, signal));
    return await viewing;
  };
  const places = await followCnames(domains, { zone: zoneName, aliases }, view, ports.log, signal);
  const route53 = await ports.route53();
  // AWS first: what it refuses then costs no order at the CA.
  await route53.signIn(signal);
  ports.log.info('traded the identity of this host for AWS credentials, kept in memory only');
  const zone = await findZone(request.zone, { route53, log: ports.log }, signal);
  const [acme, keys] = [await ports.acme(), await ports.keys()];
  const writer = new ZoneWriter(zone, { ...ports, route53 });
  const heavy: ObtainPorts = { ...ports, writer, acme, keys };
  const directory = await acme.directory(signal);
  const reuseKeyPem = await keyToReuse(seen, request, ports);
  const wanted: ObtainRequest = {
    ...request,
    profileFallback: request.terms.profileFallback === true,
    zone,
    places,
    preflight: async ({ url: accountUrl }, profile) => {
      if (request.skipPreflight) return;
      await preflight(
        { domains, zone: zoneName, directory, accountUrl, profile },
        { ...ports, view },
        signal,
      );
    },
    ...(reuseKeyPem === undefined ? {} : { reuseKeyPem }),
    ...(seen.facts === undefined ? {} : { liveSerial: seen.facts.serial }),
  };
  return await withAccount(
    directory,
    request.account,
    { ...heavy, accounts: ports.accounts },
    signal,
    async (account) => await obtainCertificate(wanted, directory, account, heavy, signal),
  );
}

/** The key in place, if it can be used and is of the type that is wanted. */
async function keyToReuse(
  { record, live }: CertificateOnDisk,
  { name, terms, spec }: IssueRequest,
  { certificates }: IssuePorts,
): Promise<string | undefined> {
  if (terms.reuseKey !== true || live === undefined || record?.installed?.spec.keyType !== spec.keyType)
    return undefined;
  return (await certificates.live(name))?.files.privkey;
}

async function install(
  seen: Judged,
  obtained: ObtainedCertificate,
  request: IssueRequest,
  ports: IssuePorts,
): Promise<CertificateOnDisk> {
  const { cert, chain, fullchain, keyPem, facts } = obtained;
  await ports.certificates.saveRecord(recordOrder(seen.record, request));
  const live = await ports.certificates.install(request.name, { privkey: keyPem, cert, chain, fullchain });
  const { name, spec, deployHooks, terms } = request;
  const record = recordInstallation(seen.record, {
    name,
    spec,
    deployHooks,
    terms,
    version: live.version,
    at: rfc3339(ports.clock.now()),
    inspection: inspectionOf(facts, live.stamp),
  });
  await ports.certificates.saveRecord(record);
  await ports.orders.remove(request.name);
  ports.log.info(`installed version ${live.version} at ${live.path}`);
  return { record, live, facts, damage: undefined };
}

/** What is in place, with the hooks that are wanted now: one that is new is owed what is live. */
async function wanting(seen: Judged, request: IssueRequest, ports: IssuePorts): Promise<CertificateOnDisk> {
  if (seen.record === undefined) return seen;
  const record = withDeployHooks(seen.record, request.deployHooks);
  await ports.certificates.saveRecord(record);
  return { ...seen, record };
}

async function deployLive(
  { record, live, facts }: CertificateOnDisk,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<Pick<IssueOutcome, 'record' | 'errors'>> {
  if (record === undefined || live === undefined || facts === undefined) return { record, errors: [] };
  return await deploy({ record, live, facts, force: false }, ports, signal);
}

/**
 * Notes the failure, so that `status` tells of it. Returns what kept it from being noted: that must not hide the
 * failure itself.
 */
async function rememberFailure(
  request: IssueRequest,
  error: unknown,
  ports: IssuePorts,
): Promise<readonly LanacmeError[]> {
  const [first] = asLanacmeErrors(error);
  if (first === undefined || first.code === 'run.interrupted') return [];
  try {
    const before = await ports.certificates.record(request.name);
    const failed = { ...request, error: first, at: rfc3339(ports.clock.now()) };
    await ports.certificates.saveRecord(recordFailure(before, failed));
    return [];
  } catch (notNoted) {
    // A full disk is often the failure itself: it is told once.
    return asLanacmeErrors(notNoted).filter(({ message }) => message !== first.message);
  }
}
