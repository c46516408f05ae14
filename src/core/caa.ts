import { escapeText } from './escape.ts';

/** One CAA record as it stands in DNS (RFC 8659 §4.1); text of strangers. */
export interface CaaRecord {
  readonly flags: number;
  readonly tag: string;
  readonly value: string;
}

/** Who wants to issue what. */
export interface CaaQuestion {
  /** Domain names that the CA knows itself by; at least one. */
  readonly identities: readonly string[];
  readonly isWildcard: boolean;
  readonly accountUrl: string;
}

/** Why a CA that keeps to the records would not issue. */
export type CaaObstacle =
  | { readonly kind: 'other-issuers'; readonly issuers: readonly string[] }
  | { readonly kind: 'other-account'; readonly accounts: readonly string[] }
  | { readonly kind: 'other-methods'; readonly methods: string }
  | { readonly kind: 'unknown-critical'; readonly tag: string };

/** An issue or issuewild property that could be read (RFC 8659 §4.2). */
interface Grant {
  readonly issuer: string;
  readonly parameters: readonly (readonly [tag: string, value: string])[];
}

const issuerCritical = 128;
const knownTags: ReadonlySet<string> = new Set(['issue', 'issuewild', 'iodef']);

/**
 * What in the relevant record set (RFC 8659 §3) keeps this CA from issuing to this account by dns-01; nothing if it may.
 * Account and method are the parameters of RFC 8657.
 */
export function caaObstacle(records: readonly CaaRecord[], question: CaaQuestion): CaaObstacle | undefined {
  const unknown = records.find(
    ({ flags, tag }) => (flags & issuerCritical) !== 0 && !knownTags.has(tag.toLowerCase()),
  );
  if (unknown !== undefined) return { kind: 'unknown-critical', tag: escapeText(unknown.tag, 50) };
  const values = relevantValues(records, question.isWildcard);
  if (values.length === 0) return undefined;
  const grants = values.map(parseGrant);
  const ours = grants.filter(({ issuer }) =>
    question.identities.some((identity) => isSame(identity, issuer)),
  );
  if (ours.length === 0) {
    const issuers = grants.flatMap(({ issuer }) => (issuer === '' ? [] : [escapeText(issuer, 100)]));
    return { kind: 'other-issuers', issuers: [...new Set(issuers)] };
  }
  const obstacles = ours.map((grant) => parameterObstacle(grant, question.accountUrl));
  return obstacles.includes(undefined) ? undefined : obstacles[0];
}

/** For a wildcard `issuewild` counts, and `issue` only where there is none (RFC 8659 §4.3). */
function relevantValues(records: readonly CaaRecord[], isWildcard: boolean): readonly string[] {
  const valuesOf = (wanted: string): readonly string[] =>
    records.filter(({ tag }) => tag.toLowerCase() === wanted).map(({ value }) => value);
  const wild = isWildcard ? valuesOf('issuewild') : [];
  return wild.length > 0 ? wild : valuesOf('issue');
}

const issuerPattern = /^(?:[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*)?$/i;
const tagPattern = /^[a-z0-9]+(?:-+[a-z0-9]+)*$/i;
const nobody: Grant = { issuer: '', parameters: [] };

/** What cannot be read allows nobody (RFC 8659 §4.2). */
function parseGrant(value: string): Grant {
  const [issuer = '', ...rest] = value.split(';').map(trimmed);
  if (!issuerPattern.test(issuer)) return nobody;
  const written = rest.length === 1 && rest[0] === '' ? [] : rest;
  const parameters = written.map((text): readonly [string, string] => {
    const at = text.indexOf('=');
    return at < 0 ? ['', ''] : [trimmed(text.slice(0, at)).toLowerCase(), trimmed(text.slice(at + 1))];
  });
  const isReadable = parameters.every(([tag, text]) => tagPattern.test(tag) && /^[!-~]*$/.test(text));
  return isReadable ? { issuer, parameters } : nobody;
}

/** White space of the grammar: blanks and tabs. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function isSame(identity: string, issuer: string): boolean {
  return identity.toLowerCase() === issuer.toLowerCase();
}

/** Parameters that are not known are the CA's own business. */
function parameterObstacle({ parameters }: Grant, accountUrl: string): CaaObstacle | undefined {
  const valuesOf = (wanted: string): readonly string[] =>
    parameters.filter(([tag]) => tag === wanted).map(([, value]) => value);
  const accounts = valuesOf('accounturi');
  // More than one cannot be met (RFC 8657 §3).
  const isOurs = accounts.length === 1 && isSameAccount(accounts[0] ?? '', accountUrl);
  if (accounts.length > 0 && !isOurs) {
    return { kind: 'other-account', accounts: accounts.map((account) => escapeText(account, 200)) };
  }
  const [methods, ...more] = valuesOf('validationmethods');
  if (methods === undefined) return undefined;
  const allowsDns = more.length === 0 && methods.split(',').includes('dns-01');
  return allowsDns
    ? undefined
    : { kind: 'other-methods', methods: escapeText([methods, ...more].join('; '), 200) };
}

/**
 * A CA that moved to other URLs goes on to honour the old ones: the same last segment at another host of the same
 * domain is not surely another account.
 */
function isSameAccount(uri: string, accountUrl: string): boolean {
  if (uri === accountUrl) return true;
  if (!URL.canParse(uri)) return false;
  const [one, other] = [new URL(uri), new URL(accountUrl)];
  return (
    one.hostname !== other.hostname &&
    one.pathname.split('/').at(-1) === other.pathname.split('/').at(-1) &&
    one.hostname.split('.').slice(-2).join('.') === other.hostname.split('.').slice(-2).join('.')
  );
}
