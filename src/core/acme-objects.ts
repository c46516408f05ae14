import type { DnsName, Domain } from './names.ts';

/** What a CA answers with (RFC 8555 §7.1), checked and in our terms. */

/** A problem document (RFC 7807, RFC 8555 §6.7), whole. */
export interface AcmeProblem {
  /** `urn:ietf:params:acme:error:…`, or another URI. */
  readonly type: string;
  readonly detail: string;
  readonly status?: number;
  /** The name that a subproblem is about. */
  readonly identifier?: string;
  /** Where a person reads on, with `userActionRequired` (RFC 8555 §7.3.3). */
  readonly instance?: string;
  readonly subproblems: readonly AcmeProblem[];
}

export interface AcmeDirectory {
  readonly url: string;
  readonly termsOfService?: string;
  readonly caaIdentities: readonly string[];
  readonly externalAccountRequired: boolean;
  /** Profile name to its description; empty if the CA has none. */
  readonly profiles: Readonly<Record<string, string>>;
  /** Whether the CA offers ARI (RFC 9773). */
  readonly renewalInfo?: string;
  /** The CA's clock minus this host's in milliseconds, from the Date of the answer, if it had one. */
  readonly clockOffsetMs?: number;
}

export interface AcmeOrder {
  readonly url: string;
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly domains: readonly Domain[];
  readonly authorizationUrls: readonly string[];
  readonly finalizeUrl: string;
  readonly certificateUrl?: string;
  readonly profile?: string;
  readonly expires?: Date;
  readonly error?: AcmeProblem;
  /** From Retry-After: milliseconds to wait before asking again. */
  readonly retryAfterMs?: number;
}

export interface AcmeChallenge {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token?: string;
  readonly error?: AcmeProblem;
}

export interface AcmeAuthorization {
  readonly url: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  /** The identifier, without `*.` even for a wildcard. */
  readonly domain: DnsName;
  readonly wildcard: boolean;
  readonly challenges: readonly AcmeChallenge[];
}
