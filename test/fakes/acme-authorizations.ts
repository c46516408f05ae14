import { randomBytes } from 'node:crypto';
import type { AcmeAuthorization, AcmeChallenge, AcmeProblem } from '../../src/core/acme-objects.ts';
import { challengeValue } from '../../src/core/challenge-value.ts';
import { bareName, type Domain } from '../../src/core/names.ts';
import type { AcmeAccount } from '../../src/ports.ts';
import { lookUp } from '../world/dns-lookup.ts';
import type { ZoneStore } from '../world/zone-store.ts';
import { thumbprintOf } from './acme-accounts.ts';
import { acmeProblem, owned, refused } from './acme-refusal.ts';

export interface Authorization {
  readonly url: string;
  /** The account's URL. */
  readonly account: string;
  readonly name: Domain;
  readonly token: string;
  /** Of the account's key. */
  readonly thumbprint: string;
  readonly reuseMs: number;
  status: AcmeAuthorization['status'];
  expiresAt: number;
  answered?: { readonly type: string; readonly at: number; readonly judgedAt: number };
  error?: AcmeProblem;
}

export interface AuthorizationTimes {
  /** How long a validated name stays valid for further orders. */
  readonly reuseMs: number;
  /** How long it may stay unfinished. */
  readonly pendingMs: number;
}

/** The authorizations of the CA in memory, judged by what the small AWS's zones serve. */
export class FakeAuthorizations {
  /** What a validation finds wrong with a name. Default: what DNS serves. */
  validate: (name: Domain, value: string, at: Date) => AcmeProblem | undefined;
  /** For a wildcard only dns-01 is offered, if it is among these. */
  challengeTypes: readonly string[] = ['http-01', 'dns-01', 'tls-alpn-01'];
  /** From the answer to a challenge to its judgement. */
  validationMs = 2_000;
  readonly #now: () => number;
  readonly #newUrl: () => string;
  readonly #all = new Map<string, Authorization>();
  readonly #latest = new Map<string, Authorization>();

  constructor(zones: ZoneStore, now: () => number, newUrl: () => string) {
    this.validate = (name, value, at) => lookForValue(zones, bareName(name), value, at);
    this.#now = now;
    this.#newUrl = newUrl;
  }

  pending(): readonly Domain[] {
    const all = Array.from(this.#all.values(), (one) => this.settled(one));
    return all.filter(({ status }) => status === 'pending').map(({ name }) => name);
  }

  /** One that is valid still, or a new one. */
  provide({ url, keyPem }: AcmeAccount, name: Domain, times: AuthorizationTimes): Authorization {
    const key = `${url} ${name}`;
    const latest = this.#latest.get(key);
    if (latest !== undefined && this.settled(latest).status === 'valid') return latest;
    const made: Authorization = {
      url: this.#newUrl(),
      account: url,
      name,
      token: randomBytes(32).toString('base64url'),
      thumbprint: thumbprintOf(keyPem),
      reuseMs: times.reuseMs,
      status: 'pending',
      expiresAt: this.#now() + times.pendingMs,
    };
    this.#all.set(made.url, made);
    this.#latest.set(key, made);
    return made;
  }

  show(account: AcmeAccount, url: string): AcmeAuthorization {
    const authorization = this.#find(account, url);
    const { name, status } = authorization;
    const wildcard = name.startsWith('*.');
    const types = this.challengeTypes.filter((type) => type === 'dns-01' || !wildcard);
    const challenges = types.map((type) => challengeOf(authorization, type));
    return { url, status, domain: bareName(name), wildcard, challenges };
  }

  deactivate(account: AcmeAccount, url: string): void {
    const authorization = this.#find(account, url);
    if (!isAlive(authorization.status)) throw refused('malformed', `it is ${authorization.status}`);
    authorization.status = 'deactivated';
  }

  answer(account: AcmeAccount, challengeUrl: string): void {
    const [, url = '', type = ''] = /^(.*)\/([^/]*)$/.exec(challengeUrl) ?? [];
    const authorization = this.#find(account, url);
    if (authorization.status !== 'pending' || authorization.answered !== undefined) {
      throw refused('malformed', 'Cannot update a challenge that is not pending');
    }
    authorization.answered = { type, at: this.#now(), judgedAt: this.#now() + this.validationMs };
  }

  /** The authorization as time has made it. */
  settled(authorization: Authorization): Authorization {
    const { answered } = authorization;
    const now = this.#now();
    if (authorization.status === 'pending' && answered !== undefined && now >= answered.judgedAt) {
      const error = this.#judge(authorization, answered);
      if (error !== undefined) authorization.error = error;
      authorization.status = error === undefined ? 'valid' : 'invalid';
      authorization.expiresAt = answered.judgedAt + authorization.reuseMs;
    }
    if (now >= authorization.expiresAt) {
      if (authorization.status === 'pending') authorization.status = 'invalid';
      if (authorization.status === 'valid') authorization.status = 'expired';
    }
    return authorization;
  }

  /** From several places, so at several times: the value has to be there until the CA is done. */
  #judge(
    { name, token, thumbprint }: Authorization,
    { type, at, judgedAt }: NonNullable<Authorization['answered']>,
  ): AcmeProblem | undefined {
    if (type !== 'dns-01') return acmeProblem('connection', `Fetching http://${name}/: Connection refused`);
    const value = challengeValue(token, thumbprint);
    return this.validate(name, value, new Date(at)) ?? this.validate(name, value, new Date(judgedAt));
  }

  #find(account: AcmeAccount, url: string): Authorization {
    return this.settled(owned(this.#all.get(url), account, url));
  }
}

export function isAlive(status: AcmeAuthorization['status']): boolean {
  return status === 'pending' || status === 'valid';
}

function challengeOf({ url, status, token, answered, error }: Authorization, type: string): AcmeChallenge {
  const isAnswered = answered?.type === type;
  return {
    type,
    url: `${url}/${type}`,
    status: status === 'pending' && isAnswered ? 'processing' : status,
    token,
    ...(isAnswered && error !== undefined ? { error } : {}),
  };
}

/** Looks for a TXT value by the rules of DNS, CNAMEs and wildcards included. */
function lookForValue(zones: ZoneStore, domain: string, value: string, at: Date): AcmeProblem | undefined {
  const asked = `_acme-challenge.${domain}`;
  const served = zones
    .zones()
    .filter(({ isPrivate }) => !isPrivate)
    .map(({ id, name }) => ({ name, records: zones.served(id, at) }));
  const { rcode, answers } = lookUp(served, { asked, name: `${asked}.`, type: 'TXT' }, () => 0);
  if (rcode !== 'NOERROR') {
    return acmeProblem('dns', `DNS problem: ${rcode} looking up TXT for ${asked} - check that it exists`);
  }
  const values = answers.flatMap((answer) => (answer.type === 'TXT' ? [[answer.data].flat().join('')] : []));
  const [first] = values;
  if (first === undefined) return acmeProblem('unauthorized', `No TXT record found at ${asked}`);
  if (values.includes(value)) return undefined;
  const others = values.length > 1 ? ` (and ${values.length - 1} more)` : '';
  return acmeProblem('unauthorized', `Incorrect TXT record "${first}"${others} found at ${asked}`);
}
