/** What is taken over from other ACME clients. */
import type { HandedFindings } from '../core/certbot-findings.ts';
import type { HookFile, KeptHook } from '../core/hook-file.ts';
import type { AccountStore, CertificateStore, Clock, Lock, Log } from '../ports.ts';

/** A file of another program. */
export interface ClientFile {
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
  /** Who can read it besides its owner. */
  readonly readers: 'nobody' | 'group' | 'everybody';
}

/** The folder of another ACME client. Nothing in it is changed, and nothing is read that others could have put there. */
export interface ClientFolder {
  /** As a person knows it. */
  readonly path: string;
  /** What is in this folder below it, in order; nothing if that is missing. */
  names(folder: string): readonly string[] | undefined;
  /**
   * A file below it; links are followed as long as they stay inside.
   *
   * @throws LanacmeError `import.unreadable`, `import.unsafe`.
   */
  file(path: string): ClientFile;
}

/** Where root keeps executables that are hooks for every certificate. */
export interface DeployFolder {
  readonly path: string;
  /**
   * Makes an executable that is not there yet; whether it was not.
   *
   * @throws LanacmeError `import.unsafe` if somebody else could change it.
   */
  add(file: HookFile): Promise<boolean>;
}

/** The part of an import that needs root. */
export interface ImportByRoot {
  readonly findings: HandedFindings;
  readonly hooks: readonly KeptHook[];
}

/** For a command that takes over what another client has. */
export interface ImportWiring {
  readonly folder: () => ClientFolder;
  /** Absent for whoever is not root. */
  readonly deployFolder?: DeployFolder;
  /** What root has done before it handed over to this process. */
  readonly byRoot?: ImportByRoot;
  readonly certificates: CertificateStore;
  readonly accounts: AccountStore;
  /** By which the CA knows this certificate (RFC 9773 §4.1). */
  readonly certId: (certPem: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly log: Log;
}
