import type { ErrorCode } from '../errors.ts';

/** What one type of problem means for the person: our code and what to do. */
export interface ProblemMeaning {
  readonly code: ErrorCode;
  readonly hint: string;
}

const prefix = 'urn:ietf:params:acme:error:';

const later = 'the next run tries again; if it stays so, look at the status page of the CA';
const reachZone =
  'check that the zone is delegated to its Route 53 name servers and that the internet can reach them: lanacme doctor';
const newAccountKey =
  "make a new account key: move this CA's folder under accounts/ in the state folder away, then run again";

/** RFC 8555 §6.7 and its registry, RFC 9773, the profiles draft; then what Boulder and Pebble add of their own. */
const meanings: ReadonlyMap<string, ProblemMeaning> = new Map<string, ProblemMeaning>([
  [
    'accountDoesNotExist',
    {
      code: 'acme.account-missing',
      hint: `the CA does not know this account (another CA, or it was removed): ${newAccountKey}`,
    },
  ],
  [
    'alreadyReplaced',
    {
      code: 'acme.already-replaced',
      hint: 'another order already replaces this certificate: order without naming a predecessor',
    },
  ],
  [
    'alreadyRevoked',
    { code: 'acme.already-revoked', hint: 'nothing is left to do: the certificate is revoked' },
  ],
  [
    'badCSR',
    { code: 'acme.refused', hint: 'check --key-type, --csr and the names against the rules of the CA' },
  ],
  ['badNonce', { code: 'acme.server-error', hint: later }],
  [
    'badPublicKey',
    {
      code: 'acme.refused',
      hint: 'the CA does not take this key: try --key-type ec256 or rsa2048, or revoke the key if it is known to be compromised',
    },
  ],
  ['badRevocationReason', { code: 'acme.refused', hint: 'choose another --reason' }],
  [
    'badSignatureAlgorithm',
    { code: 'acme.refused', hint: `the CA does not take this type of account key: ${newAccountKey}` },
  ],
  [
    'caa',
    {
      code: 'acme.caa',
      hint: 'allow this CA and this account in the CAA record of the zone or of a zone above it',
    },
  ],
  ['compound', { code: 'acme.refused', hint: 'see the lines below, one for each name' }],
  ['connection', { code: 'acme.challenge-failed', hint: reachZone }],
  ['dns', { code: 'acme.challenge-failed', hint: reachZone }],
  [
    'externalAccountRequired',
    {
      code: 'acme.external-account-required',
      hint: 'get a key id and an HMAC key from the CA and set --eab-kid and --eab-hmac-key-file',
    },
  ],
  [
    'incorrectResponse',
    {
      code: 'acme.challenge-failed',
      hint: 'something else answers for the challenge name: look for a CNAME or an older record there',
    },
  ],
  ['invalidContact', { code: 'acme.refused', hint: 'check --email, or leave it out' }],
  [
    'malformed',
    {
      code: 'acme.refused',
      hint: 'check the names, --email and --server; if they are right, report this with the output of --log-level debug',
    },
  ],
  ['orderNotReady', { code: 'acme.order-failed', hint: 'the next run starts a new order' }],
  [
    'rateLimited',
    {
      code: 'acme.rate-limited',
      hint: 'wait as the CA says; if it names a page to open, open that first',
    },
  ],
  [
    'rejectedIdentifier',
    {
      code: 'acme.name-rejected',
      hint: 'the CA will not issue for this name: leave it out, or ask the CA why',
    },
  ],
  ['serverInternal', { code: 'acme.server-error', hint: later }],
  ['tls', { code: 'acme.challenge-failed', hint: reachZone }],
  [
    'unauthorized',
    {
      code: 'acme.refused',
      hint: `check --eab-kid and --eab-hmac-key-file if the account is a new one; if it was deactivated, ${newAccountKey}`,
    },
  ],
  ['unsupportedContact', { code: 'acme.refused', hint: 'check --email, or leave it out' }],
  [
    'unsupportedIdentifier',
    {
      code: 'acme.name-rejected',
      hint: 'the CA issues for DNS names only as it supports them: leave this one out',
    },
  ],
  [
    'userActionRequired',
    {
      code: 'acme.user-action-required',
      hint: 'open the page that the CA names, do what it asks, then run again',
    },
  ],
  ['invalidProfile', { code: 'acme.profile-not-offered', hint: 'choose another --profile, or none' }],
  ['conflict', { code: 'acme.order-failed', hint: later }],
  [
    'agreementRequired',
    { code: 'acme.terms-not-agreed', hint: 'read the terms of the CA, then pass --agree-tos' },
  ],
]);

/** `dns` for `urn:ietf:params:acme:error:dns`; types from elsewhere stay as they are. */
export function shortType(type: string): string {
  return type.startsWith(prefix) ? type.slice(prefix.length) : type;
}

/**
 * The meaning of a problem type; of one that is not in the table, or absent, the HTTP status decides
 * (RFC 8555 §6.7: a client treats unknown types by their status).
 */
export function meaningOf(type: string, status: number | undefined): ProblemMeaning {
  const known = meanings.get(shortType(type));
  if (known !== undefined && type.startsWith(prefix)) return known;
  if (status === 429) return { code: 'acme.rate-limited', hint: 'wait as the CA says' };
  if (status !== undefined && status >= 500) return { code: 'acme.server-error', hint: later };
  if (status === 404)
    return { code: 'acme.refused', hint: 'check --server: it must be the URL of an ACME directory' };
  return {
    code: 'acme.refused',
    hint: 'see what the CA says; its documentation explains the type of the problem',
  };
}

/** The same for a problem that a challenge ended with: there `unauthorized` speaks of the record, not of the account. */
export function challengeMeaningOf(type: string): ProblemMeaning {
  const meaning = meaningOf(type, undefined);
  if (shortType(type) === 'unauthorized') {
    return {
      code: 'acme.challenge-failed',
      hint: 'the CA saw other TXT values than ours: look for a CNAME at the challenge name and for name servers that lag behind',
    };
  }
  return meaning.code === 'acme.refused' ? { ...meaning, code: 'acme.challenge-failed' } : meaning;
}
