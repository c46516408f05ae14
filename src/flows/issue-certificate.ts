import type { CertificateRecord, CertificateSpec } from '../core/certificate-record.ts';
import { isDeploymentOwed, recordInstallation, recordOrder, withDeployHooks } from '../core/deployment.ts';
import { recordFailure } from '../core/failed-attempt.ts';
import { judgeCertificate, type Verdict } from '../core/good-certificate.ts';
import type { CertificateName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type {
  AccountStore,
  AcmeAccount,
  AcmeDirectory,
  AcmeServer,
  CertificateStore,
  Clock,
  Hooks,
  JournalStore,
  Keys,
  LiveCertificate,
  Lock,
  Log,
  NameServers,
  NewAccount,
  Random,
  Route53,
} from '../ports.ts';
import { cleanUpLeftovers } from './clean-up.ts';
import { deploy } from './deploy.ts';
import { type AccountPorts, ensureAccount, registerAccount } from './ensure-account.ts';
import { findZone, type ZoneWanted } from './find-zone.ts';
import { type CertificateOnDisk, lookAtCertificate } from './look-at-certificate.ts';
import {
  type ObtainedCertificate,
  type ObtainPorts,
  type ObtainRequest,
  obtainCertificate,
} from './obtain-certificate.ts';

export interface IssueRequest {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  /** Empty: those that the certificate already has are kept, so that a run by hand does not lose them. */
  readonly deployHooks: readonly string[];
  readonly zone: ZoneWanted;
  readonly account: NewAccount;
  readonly profileFallback: boolean;
  readonly reuseKey: boolean;
  readonly dnsTimeoutMs: number;
  readonly force: boolean;
  readonly isStaging: (directoryUrl: string) => boolean;
}

/** What reaches outside. The heavy ones are functions: a run that finds a good certificate never loads them. */
export interface IssuePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly lock: Lock;
  readonly certificates: CertificateStore;
  readonly accounts: AccountStore;
  readonly journal: JournalStore;
  readonly hooks: Hooks;
  readonly keys: () => Promise<Keys>;
  readonly route53: () => Promise<Route53>;
  readonly nameServers: () => Promise<NameServers>;
  readonly acme: () => Promise<AcmeServer>;
}

export interface IssueOutcome {
  /** Whether a certificate was ordered in this run. */
  readonly issued: boolean;
  readonly record: CertificateRecord | undefined;
  readonly live: LiveCertificate | undefined;
  /** What went wrong although there is a certificate now: a hook, or a record that could not be removed. */
  readonly errors: readonly LanacmeError[];
}

/**
 * `lanacme issue`: makes sure that a good certificate is in place and deployed. With one there already this reads a
 * few files and does nothing else.
 *
 * @throws LanacmeError or SeveralErrors for whatever kept the certificate from being there.
 */
export async function issueCertificate(
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<IssueOutcome> {
  const before = await judge(request, ports);
  if (await isNothingToDo(before, request, ports)) return nothingToDo(before, ports.log);
  const release = await ports.lock.acquire(signal);
  try {
    // Another run may have done the work while this one waited for the lock.
    const seen = await judge(request, ports);
    if (await isNothingToDo(seen, request, ports)) return nothingToDo(seen, ports.log);
    return await issueLocked(seen, request, ports, signal);
  } finally {
    await release();
  }
}

interface Judged extends CertificateOnDisk {
  readonly verdict: Exclude<Verdict, { readonly kind: 'refuse' }>;
}

async function judge(request: IssueRequest, ports: IssuePorts): Promise<Judged> {
  const { name, spec, force, isStaging } = request;
  const onDisk = await lookAtCertificate(name, ports.certificates);
  const verdict = judgeCertificate({
    name,
    wanted: spec,
    record: onDisk.record,
    live: onDisk.facts,
    damage: onDisk.damage,
    force,
    now: ports.clock.now(),
    isStaging,
  });
  if (verdict.kind === 'refuse') throw verdict.error;
  return { ...onDisk, verdict };
}

async function isNothingToDo(seen: Judged, request: IssueRequest, ports: IssuePorts): Promise<boolean> {
  if (seen.verdict.kind !== 'good' || seen.record === undefined) return false;
  if (isDeploymentOwed(seen.record, hooksOf(seen.record, request))) return false;
  return (await ports.journal.entries()).length === 0;
}

function nothingToDo(seen: Judged, log: Log): IssueOutcome {
  if (seen.verdict.kind === 'good') {
    const due = rfc3339(seen.verdict.renewAt);
    log.info(`nothing to do: a good certificate is in place, due for renewal on ${due}`);
  }
  return { issued: false, record: seen.record, live: seen.live, errors: [] };
}

async function issueLocked(
  seen: Judged,
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<IssueOutcome> {
  const leftovers = await removeLeftovers(request, ports, signal);
  if (seen.verdict.kind === 'good') {
    const deployed = await deployLive(seen, request, ports, signal);
    return { ...deployed, issued: false, errors: [...leftovers, ...deployed.errors] };
  }
  for (const reason of seen.verdict.reasons) ports.log.info(`ordering a certificate: ${reason}`);
  try {
    await ports.certificates.prepare(request.name);
    const obtained = await obtain(seen, request, ports, signal);
    const installed = await install(seen, obtained, request, ports);
    const deployed = await deployLive(installed, request, ports, signal);
    return { ...deployed, issued: true, errors: [...leftovers, ...obtained.leftBehind, ...deployed.errors] };
  } catch (error) {
    const failures = [...(await rememberFailure(request, error, ports)), ...leftovers];
    throw failures.length === 0 ? error : new SeveralErrors([...asLanacmeErrors(error), ...failures]);
  }
}

/** The lock is held, so whatever the journal says is of a run that has ended. */
async function removeLeftovers(
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<readonly LanacmeError[]> {
  const entries = await ports.journal.entries();
  if (entries.length === 0) return [];
  ports.log.info('an earlier run was interrupted: removing the challenges that it left');
  const zonePorts = { ...ports, route53: await ports.route53() };
  return (await cleanUpLeftovers(entries, request.zone, zonePorts, signal)).errors;
}

async function obtain(
  seen: Judged,
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<ObtainedCertificate> {
  const route53 = await ports.route53();
  // AWS first: what it refuses then costs no order at the CA.
  await route53.signIn(signal);
  ports.log.info('traded the identity of this host for AWS credentials, kept in memory only');
  const zone = await findZone(request.zone, { route53, log: ports.log }, signal);
  const [acme, keys] = [await ports.acme(), await ports.keys()];
  const heavy: ObtainPorts = { ...ports, route53, acme, keys };
  const directory = await acme.directory(signal);
  const reuseKeyPem = request.reuseKey ? seen.live?.files.privkey : undefined;
  const wanted: ObtainRequest = {
    ...request,
    zone,
    ...(reuseKeyPem === undefined ? {} : { reuseKeyPem }),
  };
  return await withAccount(
    directory,
    request.account,
    { ...heavy, accounts: ports.accounts },
    signal,
    async (account) => await obtainCertificate(wanted, directory, account, heavy, signal),
  );
}

/**
 * Uses the kept account. If the CA does not know it any more, its key is registered again: for a CA that lost its data
 * this is the account that was meant.
 */
async function withAccount<T>(
  directory: AcmeDirectory,
  request: NewAccount,
  ports: AccountPorts,
  signal: AbortSignal,
  use: (account: AcmeAccount) => Promise<T>,
): Promise<T> {
  const account = await ensureAccount(directory, request, ports, signal);
  try {
    return await use(account);
  } catch (error) {
    if (!(error instanceof LanacmeError) || error.code !== 'acme.account-missing') throw error;
    ports.log.warn(
      `${directory.url} does not know account ${account.url} any more: registering its key again`,
    );
    return await use(await registerAccount(directory, request, account.keyPem, ports, signal));
  }
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
  const record = recordInstallation(seen.record, {
    ...request,
    deployHooks: hooksOf(seen.record, request),
    version: live.version,
    at: rfc3339(ports.clock.now()),
  });
  await ports.certificates.saveRecord(record);
  ports.log.info(`installed version ${live.version} at ${live.path}`);
  return { record, live, facts, damage: undefined };
}

function hooksOf(record: CertificateRecord | undefined, { deployHooks }: IssueRequest): readonly string[] {
  return deployHooks.length > 0 ? deployHooks : (record?.deployHooks ?? []);
}

type Deployment = Pick<IssueOutcome, 'record' | 'live' | 'errors'>;

/** Runs the hooks that are owed; ones given for the first time are owed what is live. */
async function deployLive(
  { record, live, facts }: CertificateOnDisk,
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<Deployment> {
  if (record === undefined || live === undefined || facts === undefined) return { record, live, errors: [] };
  const wanted = withDeployHooks(record, hooksOf(record, request));
  await ports.certificates.saveRecord(wanted);
  const deployed = await deploy({ record: wanted, live, facts, force: false }, ports, signal);
  return { ...deployed, live };
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
