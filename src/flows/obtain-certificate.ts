import type { CertificateSpec } from '../core/certificate-record.ts';
import { accountThumbprint, challengeValue, quoteTxt } from '../core/challenge-value.ts';
import { checkIssued } from '../core/issued-check.ts';
import type { JournalRecord } from '../core/journal.ts';
import type { PlannedOrder } from '../core/ledger.ts';
import type { CertificateName, DnsName } from '../core/names.ts';
import { nextOrderStep } from '../core/order-step.ts';
import { endsAt } from '../core/preferred-chain.ts';
import { profileToAsk } from '../core/profile.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { UsableChain } from '../core/usable-chain.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type {
  AcmeAccount,
  AcmeAuthorization,
  AcmeDirectory,
  AcmeOrder,
  DownloadedChain,
  Keys,
} from '../ports.ts';
import { abandonOrder } from './abandon-order.ts';
import { allOf } from './all-of.ts';
import type { TargetZone } from './change-zone.ts';
import { type Explain, orderFailure, readAuthorizations } from './order-failure.ts';
import { type PlacedOrder, type PlaceOrderPorts, placeOrder } from './place-order.ts';
import { type Published, type PublishPorts, whilePublished } from './publish-challenges.ts';
import { ofTheOrder, type ResumedOrder, type ResumePorts, resumeOrder } from './resume-order.ts';
import { servedValues } from './served-values.ts';
import { type OrderPorts, pollOrder } from './settle-order.ts';

export type ObtainPorts = PublishPorts & OrderPorts & ResumePorts & PlaceOrderPorts & { readonly keys: Keys };

export interface ObtainRequest {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly zone: TargetZone;
  /** Where the challenge of each base name goes. */
  readonly places: ReadonlyMap<DnsName, DnsName>;
  /** Whether a profile that the CA does not offer may be left out (`--profile-fallback`). */
  readonly profileFallback: boolean;
  readonly dnsTimeoutMs: number;
  /** PKCS#8 PEM of the key to use again (`--reuse-key`). */
  readonly reuseKeyPem?: string;
  /** Of the certificate in place, which is not wanted any more. */
  readonly liveSerial?: string;
  /** The id of the certificate that the new one replaces (RFC 9773 §5). */
  readonly replaces?: string;
  /** Whether the CA will not count it, if it names that. */
  readonly isExempt?: boolean;
  /** A certificate for exactly these names is there. */
  readonly isRenewal?: boolean;
  /** Looks, right before a new order, for what would make it fail, and throws that. */
  readonly preflight?: (account: AcmeAccount, profile: string | undefined) => Promise<void>;
}

export interface ObtainedCertificate extends UsableChain {
  readonly keyPem: string;
  /** Challenge values that could not be taken out of the zone although the certificate was issued. */
  readonly leftBehind: readonly LanacmeError[];
}

/**
 * From an order to a checked chain (RFC 8555 §7.4): the one that an earlier run left, if it leads there, else a new one.
 * Whatever fails, the authorizations that are still pending are deactivated, so that no half-done order blocks the next.
 */
export async function obtainCertificate(
  request: ObtainRequest,
  directory: AcmeDirectory,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<ObtainedCertificate> {
  const profile = profileToAsk(request.spec.profile, directory, request.profileFallback);
  if (profile.warning !== undefined) ports.log.warn(profile.warning);
  const complete = async (started: StartedOrder): Promise<ObtainedCertificate> =>
    await completeOrder(started, request, account, ports, signal);

  const resumed = await resumeOrder(request, account, ports, signal);
  const earlier = resumed === undefined ? undefined : await orNothing(complete(resumed), ports);
  if (earlier !== undefined) return earlier;
  const { domains } = request.spec;
  await request.preflight?.(account, profile.ask);
  const asked = {
    domains,
    ...(profile.ask === undefined ? {} : { profile: profile.ask }),
    ...(request.replaces === undefined ? {} : { replaces: request.replaces }),
  };
  const planned = plannedOrder(request);
  return await complete({ ...(await placeOrder(asked, planned, account, ports, signal)), isNew: true });
}

function plannedOrder({ spec, isExempt, isRenewal }: ObtainRequest): PlannedOrder {
  return { domains: spec.domains, isExempt: isExempt === true, isRenewal: isRenewal === true };
}

/** An order, and whether it is yet to be noted. */
type StartedOrder = ResumedOrder & Partial<PlacedOrder> & { readonly isNew?: true };

/** What an order of an earlier run brings, or nothing if it is the order that is no good. */
async function orNothing(
  completed: Promise<ObtainedCertificate>,
  { log }: ObtainPorts,
): Promise<ObtainedCertificate | undefined> {
  try {
    return await completed;
  } catch (error) {
    if (!(error instanceof LanacmeError) || !ofTheOrder.has(error.code)) throw error;
    log.warn(`the order of an earlier run leads nowhere: ${error.message}; ordering anew`, {
      code: error.code,
    });
    return undefined;
  }
}

/** Notes the order, so that the next run can go on with it if this one is killed. */
async function keep(
  { url }: AcmeOrder,
  { name, spec }: ObtainRequest,
  account: AcmeAccount,
  { orders, clock, log }: ObtainPorts,
): Promise<void> {
  const createdAt = rfc3339(clock.now());
  await orders.save({ format: 1, certificate: name, url, account: account.url, spec, createdAt });
  log.info(`ordered ${spec.domains.join(', ')}`, { order: url });
}

async function completeOrder(
  { order, keyPem, isNew, planned }: StartedOrder,
  request: ObtainRequest,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<ObtainedCertificate> {
  let leftBehind = nothingLeft;
  try {
    if (isNew === true) await keep(order, request, account, ports);
    const proved = await proveNames(order, request, account, ports, signal);
    // The zone is cleaned up while the CA issues.
    leftBehind = proved.leftBehind;
    const issued = await issue(proved.value, keyPem, request, account, ports, signal);
    // Of an order that an earlier run made it is not known whether it was exempt.
    await ports.ledger.issued(planned ?? { ...plannedOrder(request), isExempt: false });
    return { ...issued, leftBehind: await leftBehind };
  } catch (error) {
    await abandonOrder(order, account, ports, signal);
    const left = await leftBehind;
    if (left.length === 0) throw error;
    throw new SeveralErrors([...asLanacmeErrors(error), ...left]);
  }
}

const nothingLeft: Published<unknown>['leftBehind'] = Promise.resolve([]);

/** Answers what is pending while its values are published; with nothing to answer the zone is left alone. */
async function proveNames(
  order: AcmeOrder,
  request: ObtainRequest,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<Published<AcmeOrder>> {
  // An earlier run has got this far already.
  if (order.status === 'processing' || order.status === 'valid')
    return { value: order, leftBehind: nothingLeft };
  const authorizations = await readAuthorizations(order, account, ports, signal);
  const step = nextOrderStep(order, authorizations, new Set(), {
    now: ports.clock.now(),
    accountUrl: account.url,
  });
  if (step.kind === 'failed') throw step.error;
  if (step.kind !== 'answer') {
    return { value: await validated(order, account, ports, signal), leftBehind: nothingLeft };
  }
  const { name: certificate, zone, places, dnsTimeoutMs } = request;
  const challenges = dnsChallenges(step.authorizations, places, account);
  const records = challenges.map((challenge) => challenge.record);
  return await whilePublished({ certificate, records, dnsTimeoutMs }, ports, signal, async () => {
    await allOf(
      challenges.map(async (challenge) => {
        await ports.acme.answerChallenge(account, challenge.url, signal);
      }),
    );
    return await validated(order, account, ports, signal, async (failed) => {
      await ports.ledger.failed(failed);
      // Now, while the values are still published.
      const names = failed.flatMap((domain) => places.get(domain) ?? []);
      return await servedValues([...new Set(names)], zone.zone, ports.nameServers, signal);
    });
  });
}

/** The order once the CA has judged every name. */
async function validated(
  order: AcmeOrder,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
  explain?: Explain,
): Promise<AcmeOrder> {
  const settled = await pollOrder(account, order, 'pending', ports, signal);
  if (settled.status === 'invalid') throw await orderFailure(settled, account, ports, signal, explain);
  ports.log.info('the CA has validated every name');
  return settled;
}

interface PlannedChallenge {
  readonly url: string;
  readonly record: JournalRecord;
}

function dnsChallenges(
  authorizations: readonly AcmeAuthorization[],
  places: ReadonlyMap<DnsName, DnsName>,
  account: AcmeAccount,
): readonly PlannedChallenge[] {
  const thumbprint = accountThumbprint(account.keyPem);
  return authorizations.map(({ domain, challenges }) => {
    const name = places.get(domain);
    const challenge = challenges.find(({ type }) => type === 'dns-01');
    if (name === undefined || challenge?.token === undefined) throw notOrdered(domain);
    return {
      url: challenge.url,
      record: { name, value: quoteTxt(challengeValue(challenge.token, thumbprint)) },
    };
  });
}

async function issue(
  order: AcmeOrder,
  keptKeyPem: string | undefined,
  request: ObtainRequest,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<Omit<ObtainedCertificate, 'leftBehind'>> {
  const { spec } = request;
  const keyPem = keptKeyPem ?? (await keyFor(request, ports));
  const finalized =
    order.status === 'ready' ? await finalize(order, keyPem, request, account, ports, signal) : order;
  const settled = await pollOrder(account, finalized, 'processing', ports, signal);
  if (settled.status !== 'valid' || settled.certificateUrl === undefined) {
    throw await orderFailure(settled, account, ports, signal);
  }
  const pem = await downloadChain(settled.certificateUrl, spec.preferredChain, account, ports, signal);
  const issued = checkIssued(pem, { domains: spec.domains, keyPem, now: ports.clock.now() });
  if (issued.facts.serial === request.liveSerial) throw alreadyLive(order);
  ports.log.info(`issued by ${issued.facts.issuer}, good until ${issued.facts.notAfter.toISOString()}`);
  return { ...issued, keyPem };
}

/** On disk before the CA sees the request for it: a run that dies after that would lose the certificate. */
async function keyFor({ name, spec, reuseKeyPem }: ObtainRequest, ports: ObtainPorts): Promise<string> {
  const keyPem = reuseKeyPem ?? (await ports.keys.generate(spec.keyType));
  await ports.orders.saveKey(name, keyPem);
  return keyPem;
}

async function finalize(
  order: AcmeOrder,
  keyPem: string,
  { spec }: ObtainRequest,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<AcmeOrder> {
  const csr = await ports.keys.certificateRequest(keyPem, spec.domains);
  return await ports.acme.finalize(account, order.finalizeUrl, csr, signal);
}

/** The chain that the CA gives, or the first alternate that ends at the preferred issuer. */
async function downloadChain(
  url: string,
  preferred: string | undefined,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<string> {
  const first: DownloadedChain = await ports.acme.certificate(account, url, signal);
  if (preferred === undefined || endsAt(first.pem, preferred)) return first.pem;
  for (const alternateUrl of first.alternateUrls) {
    const { pem } = await ports.acme.certificate(account, alternateUrl, signal);
    if (endsAt(pem, preferred)) return pem;
  }
  ports.log.warn(`the CA offers no chain that ends at "${preferred}"; installing its default one`);
  return first.pem;
}

function notOrdered(domain: DnsName): LanacmeError {
  return new LanacmeError('acme.bad-answer', `the CA asks to prove ${domain}, which was not ordered so`, {
    hint: 'nothing was published; report this to the CA',
  });
}

/** A run that died right after it had installed this certificate left the order: there is nothing more in it. */
function alreadyLive(order: AcmeOrder): LanacmeError {
  return new LanacmeError('acme.order-failed', `the certificate of order ${order.url} is the one in place`, {
    hint: 'a new order follows by itself',
  });
}
