import { type CertificateName, type Domain, isDomain } from './names.ts';
import {
  exactly,
  instant,
  list,
  mismatch,
  object,
  oneOf,
  type Read,
  readStored,
  text,
} from './stored-json.ts';

export const keyTypes = ['ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096'] as const;
export type KeyType = (typeof keyTypes)[number];

/** What is wanted of a certificate: everything that, when it differs, means ordering anew. */
export interface CertificateSpec {
  readonly domains: readonly Domain[];
  /** The ACME directory URL. */
  readonly server: string;
  readonly keyType: KeyType;
  readonly profile?: string;
  readonly preferredChain?: string;
}

/** A failure as it is remembered. `code` is an `ErrorCode` of the version that wrote it. */
export interface StoredError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Per hook: the version that should be deployed and the one that was. */
export interface HookState {
  readonly command: string;
  readonly wanted: string;
  readonly done?: string;
  readonly lastError?: StoredError & { readonly at: string };
  /** After failures. */
  readonly backoff?: Backoff;
}

/** The last try to get the certificate, told by `status`. */
export interface Attempt {
  /** RFC 3339. */
  readonly at: string;
  readonly error?: StoredError;
}

/**
 * What the files of a version were found to be when they were last read and checked, so that a run with nothing to do
 * need not open them. Times are RFC 3339.
 */
export interface Inspection {
  readonly serial: string;
  readonly issuer: string;
  readonly domains: readonly Domain[];
  readonly notBefore: string;
  readonly notAfter: string;
  /** Sizes and times of the files as they were then: with others, they are read again. */
  readonly stamp: string;
}

/** A version that was put in place. */
export interface InstalledVersion {
  readonly version: string;
  /** RFC 3339. */
  readonly at: string;
  /** What it was ordered with: the record's spec may have changed since. */
  readonly spec: CertificateSpec;
  readonly inspection?: Inspection;
  /** URL of the account that ordered it: the CA lets no other account name it in `replaces`. */
  readonly account?: string;
  /** Its id for ARI (RFC 9773 §4.1). */
  readonly certId?: string;
  /** Those of the terms that say which files it has, and who may read them. */
  readonly terms?: CertificateTerms;
}

/** An installed version before it has a number. */
export type ArrivingVersion = Pick<InstalledVersion, 'account' | 'certId'> & { readonly serial: string };

/** What `issue` was told of a certificate beside its spec, for every later run. Absent members are the defaults. */
export interface CertificateTerms {
  readonly challenge?: 'dns-01';
  readonly profileFallback?: true;
  readonly reuseKey?: true;
  /** Name of the group that may read keys. */
  readonly keyGroup?: string;
  /** Name of the user who owns keys and certificates. */
  readonly owner?: string;
  /** Also write `combined.pem`. */
  readonly combined?: true;
  /** Also write `bundle.p12`, with the password in this file (an absolute path, or `credential:NAME`). */
  readonly pkcs12PasswordFile?: string;
  /** `HOST:PORT[/SNI]` that must serve the certificate after deployment. */
  readonly checks?: readonly string[];
  readonly rollbackOnFailure?: true;
}

/** What the CA suggested for a certificate (RFC 9773 §4.2), and the instant in the window that was drawn, once. */
export interface RenewalSuggestion {
  /** Of the certificate that it is about: for another it says nothing. */
  readonly certId: string;
  readonly window?: { readonly start: string; readonly end: string };
  readonly renewAt?: string;
  readonly explanationUrl?: string;
  /** When the CA was asked last, and may be asked again. */
  readonly askedAt: string;
  readonly askAgainAt: string;
  /** How often in a row it could not be had. */
  readonly failures?: number;
}

/** What keeps `renew` from trying again before an instant. */
export interface Backoff {
  /** In a row. */
  readonly failures: number;
  readonly until: string;
}

/** Until when the CA wants no such order, in its words. */
export interface CaWaitState {
  readonly until: string;
  /** What was ordered. */
  readonly spec: CertificateSpec;
  readonly error: StoredError;
}

/** A newer version that did not pass its checks: an older one is live until it is tried again, without an order. */
export interface SetAside {
  readonly installed: InstalledVersion;
  readonly backoff: Backoff;
  readonly error: StoredError & { readonly at: string };
}

/** What a server showed when it was last asked (`--check`). */
export interface ServedState {
  /** The version that was expected. */
  readonly version: string;
  readonly at: string;
  readonly checks: readonly {
    /** `HOST:PORT[/SNI]` */
    readonly target: string;
    /** Absent: it serves what it should, on every address. */
    readonly problem?: string;
  }[];
  /** After checks that failed. */
  readonly backoff?: Backoff;
}

/** `certificates/NAME.json`: what to renew and how, history and deployment. Times are RFC 3339 UTC. */
export interface CertificateRecord {
  readonly format: 1;
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  /** Those that are this certificate's own; those of the env file are read from there by every run. */
  readonly deployHooks: readonly string[];
  readonly terms?: CertificateTerms;
  /** The version that is live; absent until there is one. */
  readonly installed?: InstalledVersion;
  /** What was about to be put in place when this was written: `live/NAME` may have flipped since. */
  readonly arriving?: ArrivingVersion;
  /** Versions before it that may still be on disk, newest first. */
  readonly earlier?: readonly InstalledVersion[];
  /** Versions that a person went back from: no later run puts them in place again. */
  readonly held?: readonly string[];
  readonly setAside?: SetAside;
  readonly hooks: readonly HookState[];
  readonly served?: ServedState;
  readonly lastAttempt?: Attempt;
  readonly ari?: RenewalSuggestion;
  /** Our own, after failures; for `renew` only. */
  readonly backoff?: Backoff;
  readonly wait?: CaWaitState;
  /** The live certificate was revoked by us. */
  readonly revoked?: { readonly serial: string; readonly at: string; readonly reason: string };
}

/**
 * A record as it was read from its file, member by member.
 *
 * @throws LanacmeError `state.newer-version`, or `state.broken` naming the file and the first member that is wrong.
 */
export function parseCertificateRecord(
  json: unknown,
  name: CertificateName,
  file = `certificates/${name}.json`,
): CertificateRecord {
  return readStored(json, file, recordOf(name));
}

const domain: Read<Domain> = (value, where) =>
  typeof value === 'string' && isDomain(value) ? value : mismatch(where, 'is not a name in normal form');

const domains: Read<readonly Domain[]> = (value, where) => {
  const names = list(domain)(value, where);
  return names.length > 0 ? names : mismatch(where, 'is empty');
};

const server: Read<string> = (value, where) =>
  typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value)
    ? value
    : mismatch(where, 'is not the URL of an ACME directory');

/** Also part of what is kept of a pending order. */
export const certificateSpec: Read<CertificateSpec> = object(
  {
    domains,
    server,
    keyType: oneOf(keyTypes),
  },
  { profile: text(), preferredChain: text() },
);

const version = text(/^[0-9]{4,15}$/, 'is not a version like 0001');
const command = text(/^[^\0]+$/, 'is not a shell command');
const count: Read<number> = (value, where) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : mismatch(where, 'is not a number of times');
const certId = text(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/, 'is not the id of a certificate (RFC 9773)');
const storedError = { code: text(), message: text(), hint: text() };

const backoff: Read<Backoff> = object({ failures: count, until: instant }, {});

/** Also part of what root notes of its own hooks. */
export const hookState: Read<HookState> = object(
  { command, wanted: version },
  { done: version, lastError: object({ ...storedError, at: instant }, {}), backoff },
);

const attempt: Read<Attempt> = object({ at: instant }, { error: object(storedError, {}) });

const inspection: Read<Inspection> = object(
  { serial: text(), issuer: text(), domains, notBefore: instant, notAfter: instant, stamp: text() },
  {},
);

const isTrue: Read<true> = (value, where) => (value === true ? true : mismatch(where, 'is not true'));

const terms: Read<CertificateTerms> = object(
  {},
  {
    challenge: oneOf(['dns-01']),
    profileFallback: isTrue,
    reuseKey: isTrue,
    keyGroup: text(),
    owner: text(),
    combined: isTrue,
    pkcs12PasswordFile: text(/^(\/|credential:)/, 'is neither an absolute path nor credential:NAME'),
    checks: list(text()),
    rollbackOnFailure: isTrue,
  },
);

const account = text(/^https?:/, 'is not the URL of an account');

const installedVersion: Read<InstalledVersion> = object(
  { version, at: instant, spec: certificateSpec },
  { inspection, account, certId, terms },
);

const suggestion: Read<RenewalSuggestion> = object(
  { certId, askedAt: instant, askAgainAt: instant },
  {
    window: object({ start: instant, end: instant }, {}),
    renewAt: instant,
    explanationUrl: text(),
    failures: count,
  },
);

const served: Read<ServedState> = object(
  { version, at: instant, checks: list(object({ target: text() }, { problem: text() })) },
  { backoff },
);

function recordOf(name: CertificateName): Read<CertificateRecord> {
  return object(
    {
      format: oneOf([1]),
      name: exactly(name),
      spec: certificateSpec,
      deployHooks: list(command),
      hooks: list(hookState),
    },
    {
      terms,
      installed: installedVersion,
      arriving: object({ serial: text() }, { account, certId }),
      earlier: list(installedVersion),
      held: list(version),
      setAside: object(
        { installed: installedVersion, backoff, error: object({ ...storedError, at: instant }, {}) },
        {},
      ),
      served,
      lastAttempt: attempt,
      ari: suggestion,
      backoff,
      wait: object({ until: instant, spec: certificateSpec, error: object(storedError, {}) }, {}),
      revoked: object({ serial: text(), at: instant, reason: text() }, {}),
    },
  );
}

type OptionalMember = {
  [K in keyof CertificateRecord]-?: undefined extends CertificateRecord[K] ? K : never;
}[keyof CertificateRecord];

/** The record without what these members said. */
export function withoutMembers(
  record: CertificateRecord,
  members: readonly OptionalMember[],
): CertificateRecord {
  const kept = Object.entries(record).filter(([member]) => !members.some((gone) => gone === member));
  // Only members that may be absent are.
  return Object.fromEntries(kept) as unknown as CertificateRecord;
}

/** Whether an order for one is an order for the other: the chain is chosen after it. */
export function isSameOrder(one: CertificateSpec, other: CertificateSpec): boolean {
  const names = new Set(one.domains);
  return (
    names.size === new Set(other.domains).size &&
    other.domains.every((domain) => names.has(domain)) &&
    one.server === other.server &&
    one.keyType === other.keyType &&
    one.profile === other.profile
  );
}
