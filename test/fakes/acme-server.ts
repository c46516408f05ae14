import type { AcmeProblem } from '../../src/core/acme-objects.ts';
import { problemError } from '../../src/core/acme-problem.ts';
import { accountThumbprint } from '../../src/core/challenge-value.ts';
import { type Domain, isDomain } from '../../src/core/names.ts';
import type {
  AcmeAccount,
  AcmeAuthorization,
  AcmeDirectory,
  AcmeOrder,
  AcmeServer,
  Clock,
  DownloadedChain,
  NewAccount,
  NewOrder,
  RenewalInfo,
  Revoker,
} from '../../src/ports.ts';
import type { ZoneStore } from '../world/zone-store.ts';
import { FakeAccounts, thumbprintOf } from './acme-accounts.ts';
import {
  type Authorization,
  type AuthorizationTimes,
  FakeAuthorizations,
  isAlive,
} from './acme-authorizations.ts';
import {
  type AcmeIssuer,
  type CertificateRequest,
  type IssuedCertificate,
  isStrongKey,
} from './acme-issuer.ts';
import { notFound, owned, Refused, refused } from './acme-refusal.ts';
import { FakeRenewals } from './acme-renewals.ts';

export interface FakeProfile extends AuthorizationTimes {
  readonly description: string;
  readonly validityMs: number;
}

export interface FakeAcmeServerOptions {
  readonly clock: Clock;
  /** What it looks at when it validates. */
  readonly zones: ZoneStore;
  readonly issuer: AcmeIssuer;
  /** The first is for orders that name none. Default: one, like Let's Encrypt's classic one in 2026. */
  readonly profiles?: Readonly<Record<string, FakeProfile>>;
}

export type AcmeCall = Exclude<keyof AcmeServer, 'close'>;

const base = 'https://ca.example';
const hourMs = 3600_000;
export const dayMs = 24 * hourMs;
const classic: FakeProfile = {
  description: 'ninety days',
  validityMs: 90 * dayMs,
  reuseMs: 30 * dayMs,
  pendingMs: 7 * dayMs,
};

interface Order {
  readonly url: string;
  /** The account's URL. */
  readonly account: string;
  readonly request: NewOrder;
  readonly profile: FakeProfile;
  readonly authorizations: readonly Authorization[];
  readonly expiresAt: number;
  issuance?: Issuance;
}

/** An order that the CA has taken. */
export interface Ordered {
  readonly at: Date;
  readonly request: NewOrder;
  /** Whether Let's Encrypt would count it against no limit: it replaces a certificate, within its window. */
  readonly isExempt: boolean;
}

type Issuance =
  | {
      readonly kind: 'issued';
      readonly doneAt: number;
      readonly url: string;
      readonly certificate: IssuedCertificate;
      readonly notBefore: Date;
      readonly notAfter: Date;
    }
  | { readonly kind: 'failed'; readonly doneAt: number; readonly error: AcmeProblem };

/**
 * A whole CA in memory, behind the port: strict like Let's Encrypt, on the small AWS's DNS and on a clock that tests
 * move. Nothing happens by itself: what has become of an order follows from the time at which somebody asks.
 */
export class FakeAcmeServer implements AcmeServer {
  readonly directoryUrl = `${base}/directory`;
  readonly accounts: FakeAccounts;
  readonly authorizations: FakeAuthorizations;
  readonly renewals: FakeRenewals;
  /** Every order that was not there before, oldest first. */
  readonly ordered: Ordered[] = [];
  /** Every call, in order. */
  readonly calls: AcmeCall[] = [];
  /** Every certificate, oldest first. */
  readonly issued: IssuedCertificate[] = [];
  /** May fail a call, which then has no effect, or … */
  before: (call: AcmeCall) => void = () => undefined;
  /** … one whose effect stays, so that only its answer is lost. */
  after: (call: AcmeCall) => void = () => undefined;
  /** What keeps a certificate from being issued while its order is processed. */
  refuseToIssue: (domains: readonly Domain[]) => AcmeProblem | undefined = () => undefined;
  /** From finalize to the certificate. */
  issuanceMs = 2_000;
  /** How far its clock is ahead of this host's, as the Date of its answers tells. */
  clockOffsetMs = 0;
  /** On orders while the CA validates or issues. */
  retryAfterMs: number | undefined;

  readonly #clock: Clock;
  readonly #issuer: AcmeIssuer;
  readonly #profiles: Readonly<Record<string, FakeProfile>>;
  readonly #orders = new Map<string, Order>();
  readonly #latest = new Map<string, Order>();
  /** By the certificate's URL. */
  readonly #certificates = new Map<string, Order>();
  #refusals: { readonly call: AcmeCall; readonly refusal: Refused }[] = [];
  #made = 0;

  constructor({ clock, zones, issuer, profiles }: FakeAcmeServerOptions) {
    this.#clock = clock;
    this.#issuer = issuer;
    this.#profiles = profiles ?? { default: classic };
    this.accounts = new FakeAccounts(() => this.#newUrl('account'));
    this.renewals = new FakeRenewals(() => this.#now());
    this.authorizations = new FakeAuthorizations(
      zones,
      () => this.#now(),
      () => this.#newUrl('authorization'),
    );
  }

  /** Refuses the next such call. */
  refuse(call: AcmeCall, problem: AcmeProblem, retryAfterMs?: number): void {
    this.#refusals.push({ call, refusal: new Refused(problem, retryAfterMs) });
  }

  async directory(signal: AbortSignal): Promise<AcmeDirectory> {
    const { termsOfService, externalAccounts } = this.accounts;
    const profiles = Object.entries(this.#profiles).map(([name, { description }]) => [name, description]);
    return await this.#answer('directory', 'the directory', undefined, signal, () => ({
      url: this.directoryUrl,
      caaIdentities: ['ca.example'],
      externalAccountRequired: externalAccounts !== undefined,
      profiles: Object.fromEntries(profiles) as Record<string, string>,
      renewalInfo: `${base}/renewal-info`,
      clockOffsetMs: this.clockOffsetMs,
      ...(termsOfService === undefined ? {} : { termsOfService }),
    }));
  }

  async createAccount(keyPem: string, request: NewAccount, signal: AbortSignal): Promise<string> {
    return await this.#answer('createAccount', 'the new account', undefined, signal, () =>
      this.accounts.register(keyPem, request),
    );
  }

  async newOrder(account: AcmeAccount, request: NewOrder, signal: AbortSignal): Promise<AcmeOrder> {
    const { domains } = request;
    return await this.#answer('newOrder', `the order for ${domains.join(', ')}`, account, signal, () => {
      const profile = this.#checkNewOrder(account, request);
      const key = JSON.stringify([account.url, request.profile, [...domains].sort()]);
      const latest = this.#latest.get(key);
      // As Boulder does: the same order, with its old tokens.
      if (latest !== undefined && isOpen(this.#statusOf(latest))) return this.#shown(latest);
      const order: Order = {
        url: this.#newUrl('order'),
        account: account.url,
        request,
        profile,
        authorizations: domains.map((name) => this.authorizations.provide(account, name, profile)),
        expiresAt: this.#now() + profile.pendingMs,
      };
      this.#orders.set(order.url, order);
      this.#latest.set(key, order);
      const { replaces } = request;
      const isExempt = replaces !== undefined && this.renewals.isExempt(replaces);
      this.ordered.push({ at: new Date(this.#now()), request, isExempt });
      return this.#shown(order);
    });
  }

  async order(account: AcmeAccount, url: string, signal: AbortSignal): Promise<AcmeOrder> {
    return await this.#answer('order', `the request for the order ${url}`, account, signal, () =>
      this.#shown(owned(this.#orders.get(url), account, url)),
    );
  }

  async authorization(account: AcmeAccount, url: string, signal: AbortSignal): Promise<AcmeAuthorization> {
    return await this.#answer(
      'authorization',
      `the request for the authorization ${url}`,
      account,
      signal,
      () => this.authorizations.show(account, url),
    );
  }

  async deactivateAuthorization(account: AcmeAccount, url: string, signal: AbortSignal): Promise<void> {
    await this.#answer('deactivateAuthorization', `the deactivation of ${url}`, account, signal, () => {
      this.authorizations.deactivate(account, url);
    });
  }

  async answerChallenge(account: AcmeAccount, challengeUrl: string, signal: AbortSignal): Promise<void> {
    const asked = `the answer to the challenge ${challengeUrl}`;
    await this.#answer('answerChallenge', asked, account, signal, () => {
      this.authorizations.answer(account, challengeUrl);
    });
  }

  async finalize(
    account: AcmeAccount,
    url: string,
    csr: Uint8Array,
    signal: AbortSignal,
  ): Promise<AcmeOrder> {
    return await this.#answer('finalize', `the certificate request at ${url}`, account, signal, async () => {
      const order = owned(this.#orders.get(url.replace(/\/finalize$/, '')), account, url);
      this.#requireReady(order);
      const issuance = await this.#issue(order, account, csr);
      // Another request may have been faster meanwhile.
      this.#requireReady(order);
      order.issuance = issuance;
      if (issuance.kind === 'issued') {
        this.issued.push(issuance.certificate);
        this.renewals.add({ ...issuance, account: order.account, domains: order.request.domains });
        this.#certificates.set(issuance.url, order);
      }
      return this.#shown(order);
    });
  }

  async certificate(account: AcmeAccount, url: string, signal: AbortSignal): Promise<DownloadedChain> {
    return await this.#answer('certificate', `the request for ${url}`, account, signal, () => {
      const [, first = '', number = '0'] = /^(.*?\/certificate\/[^/]+)(?:\/(\d+))?$/.exec(url) ?? [];
      const { issuance } = owned(this.#certificates.get(first), account, url);
      const chains = issuance?.kind === 'issued' ? issuance.certificate.chains : [];
      const pem = chains[Number(number)];
      if (pem === undefined || this.#now() < (issuance?.doneAt ?? Infinity)) throw notFound(url);
      const urls = chains.map((_, index) => (index === 0 ? first : `${first}/${index}`));
      return { pem, alternateUrls: urls.filter((other) => other !== url) };
    });
  }

  async renewalInfo(certId: string, signal: AbortSignal): Promise<RenewalInfo> {
    return await this.#answer('renewalInfo', 'the request for renewal information', undefined, signal, () =>
      this.renewals.info(certId),
    );
  }

  async revoke(revoker: Revoker, certPem: string, reasonCode: number, signal: AbortSignal): Promise<void> {
    const account = revoker.kind === 'account' ? revoker.account : undefined;
    await this.#answer('revoke', 'the revocation', account, signal, () => {
      this.renewals.revoke(revoker, certPem, reasonCode);
    });
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  /** Every call goes through here: counted, interrupted, signed by an account, its refusal told as the adapter does. */
  async #answer<T>(
    call: AcmeCall,
    asked: string,
    account: AcmeAccount | undefined,
    signal: AbortSignal,
    answer: () => T | Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    await Promise.resolve();
    this.calls.push(call);
    this.before(call);
    try {
      this.#refuseIfScripted(call);
      if (account !== undefined) this.accounts.authenticate(account);
      const answered = await answer();
      this.after(call);
      signal.throwIfAborted();
      return answered;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { problem, retryAfterMs } = error;
      throw problemError(problem, {
        ca: 'ca.example',
        asked,
        now: new Date(this.#now()),
        ...(account === undefined ? {} : { accountUrl: account.url }),
        ...(retryAfterMs === undefined ? {} : { retryAt: new Date(this.#now() + retryAfterMs) }),
      });
    }
  }

  #refuseIfScripted(call: AcmeCall): void {
    const next = this.#refusals.find((one) => one.call === call);
    if (next === undefined) return;
    this.#refusals = this.#refusals.filter((one) => one !== next);
    throw next.refusal;
  }

  #checkNewOrder(account: AcmeAccount, { domains, profile, replaces }: NewOrder): FakeProfile {
    const [byDefault] = Object.keys(this.#profiles);
    const found = this.#profiles[profile ?? byDefault ?? ''];
    if (found === undefined) throw refused('invalidProfile', `profile "${profile ?? ''}" is not recognized`);
    if (domains.length === 0 || domains.length > 100)
      throw refused('malformed', 'an order has 1 to 100 names');
    const isRedundant = domains.some(
      (name, index) => domains.indexOf(name) < index || domains.includes(covering(name)),
    );
    if (isRedundant || !domains.every(isDomain)) {
      throw refused('malformed', `a name is wrong, twice there or redundant: ${domains.join(', ')}`);
    }
    if (replaces !== undefined) this.#checkReplaces(account, domains, replaces);
    return found;
  }

  /** RFC 9773 §5. */
  #checkReplaces(account: AcmeAccount, domains: readonly Domain[], replaces: string): void {
    this.renewals.replaceable(replaces, account, domains);
    const all = [...this.#orders.values()];
    if (all.some((order) => order.request.replaces === replaces && this.#statusOf(order) !== 'invalid')) {
      throw refused('alreadyReplaced', `${replaces} is replaced already`, { status: 409 });
    }
  }

  #statusOf({ issuance, authorizations, expiresAt }: Order): AcmeOrder['status'] {
    if (issuance !== undefined) {
      if (this.#now() < issuance.doneAt) return 'processing';
      return issuance.kind === 'issued' ? 'valid' : 'invalid';
    }
    const states = authorizations.map((authorization) => this.authorizations.settled(authorization).status);
    if (this.#now() >= expiresAt || !states.every(isAlive)) return 'invalid';
    return states.every((state) => state === 'valid') ? 'ready' : 'pending';
  }

  #shown(order: Order): AcmeOrder {
    const { request, issuance } = order;
    const status = this.#statusOf(order);
    const isValidating =
      status === 'pending' && order.authorizations.some(({ answered }) => answered !== undefined);
    const isWaiting = isValidating || status === 'processing';
    return {
      url: order.url,
      status,
      domains: request.domains,
      authorizationUrls: order.authorizations.map(({ url }) => url),
      finalizeUrl: `${order.url}/finalize`,
      expires: new Date(order.expiresAt),
      ...(request.profile === undefined ? {} : { profile: request.profile }),
      ...(isWaiting && this.retryAfterMs !== undefined ? { retryAfterMs: this.retryAfterMs } : {}),
      ...(status === 'valid' && issuance?.kind === 'issued' ? { certificateUrl: issuance.url } : {}),
      ...(status === 'invalid' && issuance?.kind === 'failed' ? { error: issuance.error } : {}),
    };
  }

  #requireReady(order: Order): void {
    const status = this.#statusOf(order);
    if (status === 'ready') return;
    const said = `Order's status ("${status}") is not acceptable for finalization`;
    throw refused('orderNotReady', said, { status: 403 });
  }

  async #issue({ request, profile }: Order, account: AcmeAccount, csr: Uint8Array): Promise<Issuance> {
    const wanted = await this.#readRequest(csr);
    checkRequest(wanted, request.domains, account);
    const doneAt = this.#now() + this.issuanceMs;
    const error = this.refuseToIssue(request.domains);
    if (error !== undefined) return { kind: 'failed', doneAt, error };
    // Backdated by an hour, and with both ends counted (RFC 5280 §4.1.2.5).
    const notBefore = new Date(this.#now() - hourMs);
    const notAfter = new Date(notBefore.getTime() + profile.validityMs - 1_000);
    const certificate = await this.#issuer.issue(wanted, notBefore, notAfter);
    const url = `${base}/certificate/${certificate.serial}`;
    return { kind: 'issued', doneAt, url, certificate, notBefore, notAfter };
  }

  async #readRequest(csr: Uint8Array): Promise<CertificateRequest> {
    try {
      return await this.#issuer.read(csr);
    } catch (error) {
      throw refused('badCSR', error instanceof Error ? error.message : String(error));
    }
  }

  #newUrl(kind: string): string {
    this.#made += 1;
    return `${base}/${kind}/${this.#made}`;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function checkRequest(
  { names, publicKey }: CertificateRequest,
  ordered: readonly Domain[],
  account: AcmeAccount,
): void {
  if (names.length !== ordered.length || !ordered.every((name) => names.includes(name))) {
    throw refused('badCSR', 'CSR does not specify same identifiers as Order');
  }
  if (!isStrongKey(publicKey)) throw refused('badCSR', 'the key is too weak');
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  if (accountThumbprint(pem) === thumbprintOf(account.keyPem)) {
    throw refused('badCSR', 'certificate public key must be different than account key');
  }
}

/** Finished, one way or the other, is what is not open. */
function isOpen(status: AcmeOrder['status']): boolean {
  return status === 'pending' || status === 'ready';
}

/** The wildcard that makes a name redundant; for a wildcard what is none itself. */
function covering(name: Domain): Domain {
  return (name.startsWith('*.') ? '' : name.replace(/^[^.]*/, '*')) as Domain;
}
