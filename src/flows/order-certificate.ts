import type { CertificateRecord } from '../core/certificate-record.ts';
import type { PlannedOrder } from '../core/ledger.ts';
import { exemption, replacesOf } from '../core/replaces.ts';
import type { RevocationReason } from '../core/revocation-reason.ts';
import { LanacmeError } from '../errors.ts';
import { followCnames } from './follow-cnames.ts';
import type { IssuePorts, IssueRequest } from './issue-request.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';
import { type ObtainedCertificate, type ObtainRequest, obtainCertificate } from './obtain-certificate.ts';
import type { OrderingSession } from './ordering-session.ts';
import { preflight } from './preflight.ts';

/** A certificate as the CA issued it, and the account that ordered it. */
export interface OrderedCertificate extends ObtainedCertificate {
  readonly account: string;
}

/** How far an attempt got: what fails before the CA was asked for anything counts for nothing there. */
export interface AttemptProgress {
  reachedCa: boolean;
}

/**
 * From the names to a checked chain, with what the orders of this run share. Nothing of the certificate in place is
 * touched.
 *
 * @throws LanacmeError or SeveralErrors for whatever kept the certificate from being issued.
 */
export async function orderCertificate(
  seen: CertificateOnDisk,
  request: IssueRequest,
  progress: AttemptProgress,
  ports: IssuePorts,
  session: OrderingSession,
  signal: AbortSignal,
): Promise<OrderedCertificate> {
  const { domains, server } = request.spec;
  const ledger = session.ledger(server);
  const planned = await plan(seen, request, ports);
  await ledger.check(planned);
  // What cannot be proved here is refused before anybody is asked for anything.
  const { zone: zoneName } = session.zone;
  const places = await followCnames(domains, session.zone, session.view, ports.log, signal);
  const writer = await session.writer();
  progress.reachedCa = true;
  const ca = await session.ca(server);
  const heavy = { ...ports, writer, acme: ca.acme, keys: await session.keys(), ledger };
  const directory = await ca.directory();
  const reuseKeyPem = await keyToReuse(seen, request, ports);
  const wanted: ObtainRequest = {
    ...request,
    ...planned,
    profileFallback: request.terms.profileFallback === true,
    zone: writer.zone,
    places,
    preflight: async ({ url: accountUrl }, profile) => {
      if (request.skipPreflight) return;
      const subject = { domains, zone: zoneName, directory, accountUrl, profile };
      await preflight(subject, { ...ports, view: session.view }, signal);
    },
    ...(reuseKeyPem === undefined ? {} : { reuseKeyPem }),
    ...(seen.facts === undefined ? {} : { liveSerial: seen.facts.serial }),
  };
  return await ca.withAccount(async (account) => {
    const replaced = replacesOf(seen.record, { server, accountUrl: account.url, domains });
    const isSent = replaced.kind === 'certificate' && directory.renewalInfo !== undefined;
    const following = isSent ? { ...wanted, replaces: replaced.certId } : wanted;
    const obtained = await obtainCertificate(following, directory, account, heavy, signal);
    return { ...obtained, account: account.url };
  });
}

/** Whether the order would come to nothing before the CA is asked for anything, by what this host did there before. */
export async function isRefusedByLedger(
  seen: CertificateOnDisk,
  request: IssueRequest,
  ports: IssuePorts,
  session: OrderingSession,
): Promise<boolean> {
  try {
    await session.ledger(request.spec.server).check(await plan(seen, request, ports));
    return false;
  } catch (error) {
    if (error instanceof LanacmeError) return true;
    throw error;
  }
}

/** How the CA will count the order, as far as that is known before it is asked for anything. */
async function plan(
  { record, facts }: CertificateOnDisk,
  { spec: { domains, server } }: IssueRequest,
  { accounts, clock }: IssuePorts,
): Promise<PlannedOrder> {
  const accountUrl = (await accounts.read(server))?.url;
  const successor = { server, domains, ...(accountUrl === undefined ? {} : { accountUrl }) };
  const isExempt = record !== undefined && exemption(record, successor, clock.now()).exempt;
  const names = new Set(facts?.domains);
  const isSameSet = names.size === domains.length && domains.every((domain) => names.has(domain));
  return { domains, isExempt, isRenewal: isSameSet && record?.installed?.spec.server === server };
}

/** The key in place, if it can be used and is of the type that is wanted. */
async function keyToReuse(
  { record, live }: CertificateOnDisk,
  { name, terms, spec }: IssueRequest,
  { certificates }: IssuePorts,
): Promise<string | undefined> {
  if (terms.reuseKey !== true || live === undefined || isCompromised(record?.revoked)) return undefined;
  if (record?.installed?.spec.keyType !== spec.keyType) return undefined;
  return (await certificates.live(name))?.files.privkey;
}

/** `revoked` is of the live certificate: what is installed after it has none. */
function isCompromised(revoked: CertificateRecord['revoked']): boolean {
  const reason: RevocationReason = 'keyCompromise';
  return revoked?.reason === reason;
}
