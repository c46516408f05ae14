import type { CertificateSpec } from '../core/certificate-record.ts';
import { planChallenges } from '../core/challenge-plan.ts';
import { accountThumbprint, challengeValue, quoteTxt } from '../core/challenge-value.ts';
import { checkIssued, type IssuedCertificate } from '../core/issued-check.ts';
import type { JournalRecord } from '../core/journal.ts';
import type { CertificateName, DnsName } from '../core/names.ts';
import { nextOrderStep } from '../core/order-step.ts';
import { endsAt } from '../core/preferred-chain.ts';
import { profileToAsk } from '../core/profile.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type {
  AcmeAccount,
  AcmeAuthorization,
  AcmeDirectory,
  AcmeOrder,
  DownloadedChain,
  Keys,
} from '../ports.ts';
import { allOf } from './all-of.ts';
import type { TargetZone } from './change-zone.ts';
import { type PublishPorts, whilePublished } from './publish-challenges.ts';
import { type OrderPorts, pollOrder } from './settle-order.ts';

export type ObtainPorts = PublishPorts & OrderPorts & { readonly keys: Keys };

export interface ObtainRequest {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly zone: TargetZone;
  /** Whether a profile that the CA does not offer may be left out (`--profile-fallback`). */
  readonly profileFallback: boolean;
  readonly dnsTimeoutMs: number;
  /** PKCS#8 PEM of the key to use again (`--reuse-key`). */
  readonly reuseKeyPem?: string;
}

export interface ObtainedCertificate extends IssuedCertificate {
  readonly keyPem: string;
  /** Challenge values that could not be taken out of the zone although the certificate was issued. */
  readonly leftBehind: readonly LanacmeError[];
}

/**
 * From newOrder to a checked chain (RFC 8555 §7.4). Whatever fails, the authorizations that are still pending are
 * deactivated, so that no half-done order blocks the next one.
 */
export async function obtainCertificate(
  request: ObtainRequest,
  directory: AcmeDirectory,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<ObtainedCertificate> {
  const { spec } = request;
  const profile = profileToAsk(spec.profile, directory, request.profileFallback);
  if (profile.warning !== undefined) ports.log.warn(profile.warning);
  const order = await ports.acme.newOrder(
    account,
    { domains: spec.domains, ...(profile.ask === undefined ? {} : { profile: profile.ask }) },
    signal,
  );
  ports.log.info(`ordered ${spec.domains.join(', ')}`, { order: order.url });
  let leftBehind: readonly LanacmeError[] = [];
  try {
    const proved = await proveNames(order, request, account, ports, signal);
    leftBehind = proved.leftBehind;
    const issued = await finalize(proved.order, request, account, ports, signal);
    return { ...issued, leftBehind };
  } catch (error) {
    await abandon(order, account, ports);
    if (leftBehind.length === 0) throw error;
    throw new SeveralErrors([...asLanacmeErrors(error), ...leftBehind]);
  }
}

interface ProvedOrder {
  readonly order: AcmeOrder;
  readonly leftBehind: readonly LanacmeError[];
}

async function proveNames(
  order: AcmeOrder,
  request: ObtainRequest,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<ProvedOrder> {
  const authorizations = await readAuthorizations(order, account, ports, signal);
  const step = nextOrderStep(order, authorizations, new Set());
  if (step.kind === 'failed') throw step.error;
  if (step.kind !== 'answer') return { order, leftBehind: [] };

  const { name: certificate, zone, dnsTimeoutMs } = request;
  const places = planChallenges(request.spec.domains, zone);
  const challenges = dnsChallenges(step.authorizations, places, account);
  const records = challenges.map((challenge) => challenge.record);
  const published = await whilePublished(
    { certificate, zone, records, dnsTimeoutMs },
    ports,
    signal,
    async () => {
      await allOf(
        challenges.map(async (challenge) => {
          await ports.acme.answerChallenge(account, challenge.url, signal);
        }),
      );
      const settled = await pollOrder(account, order, 'pending', ports, signal);
      if (settled.status === 'invalid') throw await orderFailure(settled, account, ports, signal);
      ports.log.info('the CA has validated every name');
      return settled;
    },
  );
  return { order: published.value, leftBehind: published.leftBehind };
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
  return authorizations.map((authorization) => {
    const challenge = authorization.challenges.find((offered) => offered.type === 'dns-01');
    if (challenge?.token === undefined) throw noDnsChallenge(authorization);
    const name = places.get(authorization.domain);
    if (name === undefined) throw notOrdered(authorization);
    const value = quoteTxt(challengeValue(challenge.token, thumbprint));
    return { url: challenge.url, record: { name, value } };
  });
}

async function finalize(
  order: AcmeOrder,
  request: ObtainRequest,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<IssuedCertificate & { readonly keyPem: string }> {
  const { spec } = request;
  const keyPem = request.reuseKeyPem ?? (await ports.keys.generate(spec.keyType));
  const csr = await ports.keys.certificateRequest(keyPem, spec.domains);
  const finalized = await ports.acme.finalize(account, order.finalizeUrl, csr, signal);
  const settled = await pollOrder(account, { ...finalized, url: order.url }, 'processing', ports, signal);
  const authorizations: readonly AcmeAuthorization[] = [];
  const step = nextOrderStep(settled, authorizations, new Set());
  if (step.kind !== 'download') throw await orderFailure(settled, account, ports, signal);
  const pem = await downloadChain(step.certificateUrl, spec.preferredChain, account, ports, signal);
  const issued = checkIssued(pem, { domains: spec.domains, keyPem, now: ports.clock.now() });
  ports.log.info(`issued by ${issued.facts.issuer}, good until ${issued.facts.notAfter.toISOString()}`);
  return { ...issued, keyPem };
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

async function readAuthorizations(
  order: AcmeOrder,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<readonly AcmeAuthorization[]> {
  return await allOf(
    order.authorizationUrls.map(async (url) => await ports.acme.authorization(account, url, signal)),
  );
}

/** An invalid order says little; its authorizations hold the CA's words for each name. */
async function orderFailure(
  order: AcmeOrder,
  account: AcmeAccount,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<LanacmeError> {
  const step = nextOrderStep(order, await readAuthorizations(order, account, ports, signal), new Set());
  if (step.kind === 'failed') return step.error;
  return new LanacmeError('acme.order-failed', `order ${order.url} is ${order.status}, which leads nowhere`, {
    hint: 'run it again; if it stays so, ask the CA about this order',
  });
}

const abandonDeadlineMs = 10_000;

/** Best effort: the failure that led here is what the person must hear of. */
async function abandon(order: AcmeOrder, account: AcmeAccount, ports: ObtainPorts): Promise<void> {
  const signal = ports.clock.deadline(abandonDeadlineMs);
  try {
    const authorizations = await readAuthorizations(order, account, ports, signal);
    const pending = authorizations.filter((authorization) => authorization.status === 'pending');
    await allOf(
      pending.map(async ({ url }) => {
        await ports.acme.deactivateAuthorization(account, url, signal);
      }),
    );
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    ports.log.warn(`pending authorizations of ${order.url} could not be deactivated: ${said}`);
  }
}

function noDnsChallenge(authorization: AcmeAuthorization): LanacmeError {
  const offered = authorization.challenges.map((challenge) => challenge.type).join(', ');
  return new LanacmeError(
    'acme.no-dns-challenge',
    `the CA offers no dns-01 challenge for ${authorization.domain}`,
    {
      hint: `it offers ${offered === '' ? 'none at all' : offered}; a private network needs a CA with dns-01`,
    },
  );
}

function notOrdered(authorization: AcmeAuthorization): LanacmeError {
  return new LanacmeError(
    'acme.bad-answer',
    `the CA asks to prove ${authorization.domain}, which was not ordered`,
    {
      hint: 'nothing was published; report this to the CA',
    },
  );
}
