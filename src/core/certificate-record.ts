import type { CertificateName, Domain } from './names.ts';

/** What is wanted of a certificate: everything that, when it differs, means ordering anew. */
export interface CertificateSpec {
  readonly domains: readonly Domain[];
  /** The ACME directory URL. */
  readonly server: string;
  readonly keyType: 'ec256' | 'ec384' | 'rsa2048' | 'rsa3072' | 'rsa4096';
  readonly profile?: string;
  readonly preferredChain?: string;
}

/** Per hook: the version that should be deployed and the one that was. */
export interface HookState {
  readonly command: string;
  readonly wanted: string;
  readonly done?: string;
  readonly lastError?: { readonly code: string; readonly message: string; readonly hint: string; readonly at: string };
}

/** The last try to get the certificate, told by `status`. */
export interface Attempt {
  /** RFC 3339. */
  readonly at: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
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
  };
  readonly hooks: readonly HookState[];
  readonly lastAttempt?: Attempt;
}
