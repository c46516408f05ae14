import { parseAuthorization, parseOrder } from '../core/acme-answer.ts';
import { badAnswer, httpsUrl, isObject } from '../core/acme-member.ts';
import { linkTargets } from '../core/link-header.ts';
import { retryAfterMs } from '../core/retry-after.ts';
import type {
  AcmeAccount,
  AcmeOrder,
  AcmeServer,
  Clock,
  DownloadedChain,
  NewAccount,
  NewOrder,
} from '../ports.ts';
import {
  type AcmeExchange,
  type AcmeExchangeOptions,
  type Arrival,
  makeAcmeExchange,
} from './acme-exchange.ts';
import { jsonOf } from './acme-good-answer.ts';
import { KnownObjects } from './acme-known-objects.ts';
import type { LibraryAnswer } from './acme-library.ts';
import { renewalInfo } from './acme-renewal-info.ts';
import { revoke } from './acme-revocation.ts';

/**
 * A CA spoken to over RFC 8555. Each method is one request, besides the directory (once) and a nonce when no earlier
 * answer left one; what may be asked twice is, when the CA fails for a moment, within a minute. Failures are
 * LanacmeErrors `acme.…`; with `outcome` wait when the CA says to come back later.
 */
export function makeAcmeServer(options: AcmeExchangeOptions): AcmeServer {
  const exchange = makeAcmeExchange(options);
  const { clock, http } = options;
  const known = new KnownObjects();
  return {
    directory: async (signal) => await exchange.directory(signal),
    createAccount: async (keyPem, request, signal) => await createAccount(exchange, keyPem, request, signal),
    newOrder: async (account, request, signal) =>
      known.order(await newOrder(exchange, clock, account, request, signal)),
    order: async (account, url, signal) => {
      const asked = `the request for ${known.words(url, 'the order')}`;
      const answer = await exchange.signed({ ...by(account), url, asked }, signal);
      return known.order(orderOf(answer, url, clock));
    },
    authorization: async (account, url, signal) => {
      const asked = `the request for ${known.words(url, 'the authorization')}`;
      const answer = await exchange.signed({ ...by(account), url, asked }, signal);
      return known.authorization(parseAuthorization(jsonOf(answer, url), url));
    },
    deactivateAuthorization: async (account, url, signal) => {
      const payload = { status: 'deactivated' };
      const onLoss = unlessStill('pending', exchange, account, url);
      const asked = `the deactivation of ${known.words(url, 'the authorization')}`;
      await exchange.signed({ ...by(account), url, payload, asked, onLoss }, signal);
    },
    answerChallenge: async (account, url, signal) => {
      const onLoss = unlessStill('pending', exchange, account, url);
      const asked = `the answer to ${known.words(url, 'the challenge')}`;
      await exchange.signed({ ...by(account), url, payload: {}, asked, onLoss }, signal);
    },
    finalize: async (account, url, csr, signal) => {
      const payload = { csr: Buffer.from(csr).toString('base64url') };
      const asked = known.words(url, 'the certificate request at');
      const orderUrl = known.orderOfFinalize(url);
      const onLoss =
        orderUrl === undefined ? {} : { onLoss: unlessStill('ready', exchange, account, orderUrl) };
      const answer = await exchange.signed({ ...by(account), url, payload, asked, ...onLoss }, signal);
      return known.order(orderOf(answer, orderUrl ?? locationOf(answer, asked), clock));
    },
    certificate: async (account, url, signal) => {
      const asked = `the request for ${known.words(url, 'the certificate')}`;
      return chainOf(await exchange.signed({ ...by(account), url, asked }, signal), url);
    },
    renewalInfo: async (certId, signal) => await renewalInfo(exchange, clock, certId, signal),
    revoke: async (revoker, certPem, reasonCode, signal) => {
      await revoke(exchange, revoker, certPem, reasonCode, signal);
    },
    close: async () => {
      await http.close();
    },
  };
}

/** RFC 8555 §7.3: 201 for a new account, 200 for the one that this key has; the URL is in Location either way. */
async function createAccount(
  exchange: AcmeExchange,
  keyPem: string,
  { contacts, termsOfServiceAgreed, externalAccount }: NewAccount,
  signal: AbortSignal,
): Promise<string> {
  const { newAccount } = await exchange.directory(signal);
  const asked = 'the new account';
  const answer = await exchange.signed(
    {
      keyPem,
      url: newAccount,
      payload: {
        ...(termsOfServiceAgreed ? { termsOfServiceAgreed } : {}),
        ...(contacts.length > 0 ? { contact: contacts } : {}),
      },
      ...(externalAccount === undefined ? {} : { externalAccount }),
      asked,
      // The key names the account, so a second request finds what the first has made.
      onLoss: 'repeat',
    },
    signal,
  );
  return locationOf(answer, asked);
}

async function newOrder(
  exchange: AcmeExchange,
  clock: Clock,
  account: AcmeAccount,
  { domains, profile, replaces }: NewOrder,
  signal: AbortSignal,
): Promise<AcmeOrder> {
  const directory = await exchange.directory(signal);
  const payload = {
    identifiers: domains.map((value) => ({ type: 'dns', value })),
    ...(profile === undefined ? {} : { profile }),
    ...(replaces === undefined ? {} : { replaces }),
  };
  const asked = `the order for ${domains.join(', ')}`;
  // Let's Encrypt gives the same order again; elsewhere the lost one expires, and nobody has answered its challenges.
  const answer = await exchange.signed(
    { ...by(account), url: directory.newOrder, payload, asked, onLoss: 'repeat' },
    signal,
  );
  const order = orderOf(answer, locationOf(answer, asked), clock);
  const isSame =
    order.domains.length === domains.length && domains.every((domain) => order.domains.includes(domain));
  if (!isSame) throw badAnswer(`${asked} came back as one for ${order.domains.join(', ')}`);
  return order;
}

function chainOf({ data, headers }: LibraryAnswer, url: string): DownloadedChain {
  const type = headers['content-type'] ?? 'no content type';
  if (!/^application\/pem-certificate-chain\b/i.test(type) || typeof data !== 'string') {
    throw badAnswer(`the certificate ${url} came as ${type}, not as application/pem-certificate-chain`);
  }
  const alternates = linkTargets(headers['link'], 'alternate', url);
  return {
    pem: data,
    alternateUrls: alternates.map((alternate) => httpsUrl(alternate, 'an alternate chain')),
  };
}

/**
 * A request that moves an object on from this status is refused the second time (RFC 8555 §7.1.6): look first. The
 * object as it is then takes the place of the answer.
 */
function unlessStill(status: string, exchange: AcmeExchange, account: AcmeAccount, url: string): Arrival {
  return async (signal) => {
    const found = await exchange.signed({ ...by(account), url, asked: `the request for ${url}` }, signal);
    return isObject(found.data) && found.data['status'] === status ? undefined : found;
  };
}

function by({ url, keyPem }: AcmeAccount): { readonly accountUrl: string; readonly keyPem: string } {
  return { accountUrl: url, keyPem };
}

function orderOf(answer: LibraryAnswer, url: string, clock: Clock): AcmeOrder {
  const wait = retryAfterMs(answer.headers['retry-after'], clock.now());
  return { ...parseOrder(jsonOf(answer, url), url), ...(wait === undefined ? {} : { retryAfterMs: wait }) };
}

function locationOf({ headers }: LibraryAnswer, asked: string): string {
  return httpsUrl(headers['location'], `the Location of ${asked}`);
}
