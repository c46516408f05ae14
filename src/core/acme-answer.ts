/**
 * Judges what a CA answered, member by member, before it becomes ours. Unknown members and challenge types are
 * ignored (RFC 8555 §7.1); of the known ones each must be what it should be.
 *
 * All of these throw LanacmeError `acme.bad-answer`, naming the object and the member.
 */

import { badAnswer, httpsUrl, isObject, listOf, objectOf, oneOf, optional, stringOf } from './acme-member.ts';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder } from './acme-objects.ts';
import { parseProblem } from './acme-problem-document.ts';
import { bareName, type Domain, isDomain } from './names.ts';

const orderStates = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;
const authorizationStates = ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked'] as const;

/** An order object (§7.1.3) found at `url`. */
export function parseOrder(json: unknown, url: string): AcmeOrder {
  const where = `the order ${url}`;
  const order = objectOf(json, where);
  return {
    url,
    status: oneOf(order['status'], orderStates, `${where}: status`),
    // The CA lists them in an order of its own, another each time.
    domains: listOf(order['identifiers'], `${where}: identifiers`)
      .map((identifier) => domainOf(identifier, `${where}: identifiers`))
      .sort(byBareName),
    authorizationUrls: listOf(order['authorizations'], `${where}: authorizations`).map((member) =>
      httpsUrl(member, `${where}: authorizations`),
    ),
    finalizeUrl: httpsUrl(order['finalize'], `${where}: finalize`),
    ...optional('certificateUrl', order['certificate'], (member) =>
      httpsUrl(member, `${where}: certificate`),
    ),
    ...optional('profile', order['profile'], (member) => stringOf(member, `${where}: profile`)),
    ...optional('expires', order['expires'], (member) => dateOf(member, `${where}: expires`)),
    ...optional('error', order['error'], parseProblem),
  };
}

/** An authorization object (§7.1.4) found at `url`. */
export function parseAuthorization(json: unknown, url: string): AcmeAuthorization {
  const where = `the authorization ${url}`;
  const authorization = objectOf(json, where);
  const domain = domainOf(authorization['identifier'], `${where}: identifier`);
  return {
    url,
    status: oneOf(authorization['status'], authorizationStates, `${where}: status`),
    domain: bareName(domain),
    wildcard: authorization['wildcard'] === true || domain.startsWith('*.'),
    challenges: listOf(authorization['challenges'], `${where}: challenges`).flatMap((challenge) =>
      parseChallenge(challenge, where),
    ),
  };
}

/** A challenge object (§7.1.5, §8): nothing unless it is of the DNS type that we know, or at least names its type. */
function parseChallenge(json: unknown, where: string): readonly AcmeChallenge[] {
  if (!isObject(json) || typeof json['type'] !== 'string') return [];
  const { type } = json;
  const error = optional('error', json['error'], parseProblem);
  if (type !== 'dns-01') {
    return [{ type, url: textOr(json['url'], ''), status: textOr(json['status'], ''), ...error }];
  }
  const url = httpsUrl(json['url'], `${where}: url of the dns-01 challenge`);
  const status = stringOf(json['status'], `${where}: status of the dns-01 challenge`);
  return [{ type, url, status, token: tokenOf(json['token'], where), ...error }];
}

/** §8.3, §8.4: only base64url characters. Anything else could mean another key authorization than the CA's. */
function tokenOf(value: unknown, where: string): string {
  const token = stringOf(value, `${where}: token of the dns-01 challenge`);
  if (/^[A-Za-z0-9_-]+$/.test(token)) return token;
  throw badAnswer(`${where}: the token of the dns-01 challenge is not base64url`);
}

/** A DNS identifier (§9.7.7) in our normal form. */
function domainOf(value: unknown, where: string): Domain {
  const { type, value: name } = objectOf(value, where);
  if (type !== 'dns' || typeof name !== 'string') throw badAnswer(`${where}: not a DNS identifier`);
  const normal = name.toLowerCase();
  if (isDomain(normal)) return normal;
  throw badAnswer(`${where}: ${JSON.stringify(name.slice(0, 100))} is not a DNS name`);
}

function dateOf(value: unknown, where: string): Date {
  const date = new Date(stringOf(value, where));
  if (Number.isNaN(date.getTime())) throw badAnswer(`${where} is not a date`);
  return date;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** A wildcard right after the name that it shares its challenge name with. */
function byBareName(a: Domain, b: Domain): number {
  const [bareA, bareB] = [bareName(a), bareName(b)];
  return bareA === bareB ? a.length - b.length : bareA < bareB ? -1 : 1;
}
