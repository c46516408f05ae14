/** What is known of identities at AWS: this host's own, and those whose sessions CloudTrail tells of. */
import type { CertificateLife } from '../core/certificate-life.ts';
import type { IdentitySource } from '../core/identity-life.ts';

/** The certificate file that this host is known by. */
export interface IdentityFile extends IdentitySource {
  /** What is in it now; undefined if that is no certificate. @throws LanacmeError if it cannot be read. */
  readonly read: () => Promise<CertificateLife | undefined>;
}

/** Files that somebody named: that one cannot be read is a LanacmeError with outcome `usage`. */
export interface SessionFiles {
  /** `-` is standard input. */
  readonly readEvents: (file: string, signal: AbortSignal) => Promise<string>;
  /** It must be secret. */
  readonly readSeeds: (file: string) => Promise<string>;
}
