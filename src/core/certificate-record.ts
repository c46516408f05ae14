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

/** `certificates/NAME.json`: what to renew and how, history and deployment. Times are RFC 3339 UTC. */
export interface CertificateRecord {
  readonly format: 1;
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  readonly deployHooks: readonly string[];
  /** The version installed last; absent until there is one. */
  readonly installed?: {
    readonly version: string;
    readonly at: string;
    /** What it was ordered with: the spec may have changed since. */
    readonly spec: CertificateSpec;
    readonly inspection?: Inspection;
  };
  readonly hooks: readonly HookState[];
  readonly lastAttempt?: Attempt;
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
const storedError = { code: text(), message: text(), hint: text() };

const hookState: Read<HookState> = object(
  { command, wanted: version },
  { done: version, lastError: object({ ...storedError, at: instant }, {}) },
);

const attempt: Read<Attempt> = object({ at: instant }, { error: object(storedError, {}) });

const inspection: Read<Inspection> = object(
  { serial: text(), issuer: text(), domains, notBefore: instant, notAfter: instant, stamp: text() },
  {},
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
      installed: object({ version, at: instant, spec: certificateSpec }, { inspection }),
      lastAttempt: attempt,
    },
  );
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
