import type { AcmeProblem } from '../../src/core/acme-objects.ts';
import type { AcmeAccount } from '../../src/ports.ts';

/** A problem document of RFC 8555; `type` without its prefix. */
export function acmeProblem(type: string, detail: string, more: Partial<AcmeProblem> = {}): AcmeProblem {
  return { type: `urn:ietf:params:acme:error:${type}`, detail, subproblems: [], ...more };
}

/** What the CA in memory says no to. */
export class Refused extends Error {
  readonly problem: AcmeProblem;
  readonly retryAfterMs: number | undefined;

  constructor(problem: AcmeProblem, retryAfterMs?: number) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

export function refused(type: string, detail: string, more?: Partial<AcmeProblem>): Refused {
  return new Refused(acmeProblem(type, detail, more));
}

export function notFound(url: string): Refused {
  return refused('malformed', `${url} not found`, { status: 404 });
}

/** The thing that is meant, if it is this account's. */
export function owned<T extends { readonly account: string }>(
  thing: T | undefined,
  account: AcmeAccount,
  url: string,
): T {
  if (thing === undefined) throw notFound(url);
  if (thing.account === account.url) return thing;
  throw refused('unauthorized', `${url} belongs to another account`, { status: 403 });
}
