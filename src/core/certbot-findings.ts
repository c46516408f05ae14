import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { CertbotAccount } from './certbot-account.ts';
import type { Lineage } from './certbot-lineage.ts';
import { certificateFacts } from './certificate-facts.ts';
import type { HookFile } from './hook-file.ts';

/** Something that a person should know, about one certificate or about all. */
export interface ImportNote {
  readonly certificate?: string;
  /** A sentence. */
  readonly message: string;
}

/** An executable that certbot ran for every certificate. */
export interface SharedHook {
  /** Where certbot has it. */
  readonly path: string;
  readonly file: HookFile;
}

export interface FoundAccount extends CertbotAccount {
  /** By which certbot knows it. */
  readonly id: string;
}

/** What certbot has: what can be taken over of it, and what cannot. */
export interface CertbotFindings {
  readonly folder: string;
  /** In the order of their names. */
  readonly lineages: readonly Lineage[];
  /** The lineages that stay certbot's. */
  readonly left: readonly { readonly certificate: string; readonly error: LanacmeError }[];
  /** By ACME directory URL, one each: those that ordered the lineages. */
  readonly accounts: ReadonlyMap<string, FoundAccount>;
  readonly sharedHooks: readonly SharedHook[];
  readonly notes: readonly ImportNote[];
}

/**
 * Findings as plain data, for a process that may not read what certbot has. There is no more in it than that process takes
 * over: no key of what is left, no hook of root.
 */
export interface HandedFindings {
  readonly folder: string;
  readonly lineages: readonly Omit<Lineage, 'facts'>[];
  readonly left: readonly {
    readonly certificate: string;
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
    readonly details: readonly string[];
  }[];
  readonly accounts: readonly (readonly [server: string, account: FoundAccount])[];
  readonly notes: readonly ImportNote[];
}

export function handedFindings({ folder, lineages, left, accounts, notes }: CertbotFindings): HandedFindings {
  return {
    folder,
    lineages: lineages.map(({ name, renewal, spec, terms, files }) => ({
      name,
      renewal,
      spec,
      terms,
      files,
    })),
    left: left.map(({ certificate, error: { code, message, hint, details } }) => ({
      certificate,
      code,
      message,
      hint,
      details,
    })),
    accounts: [...accounts],
    notes,
  };
}

/** What was handed over, as it was found. */
export function findingsOf({ folder, lineages, left, accounts, notes }: HandedFindings): CertbotFindings {
  return {
    folder,
    lineages: lineages.map((lineage) => ({ ...lineage, facts: certificateFacts(lineage.files.cert) })),
    left: left.map(({ certificate, code, message, hint, details }) => ({
      certificate,
      error: new LanacmeError(code, message, { hint, details }),
    })),
    accounts: new Map(accounts),
    sharedHooks: [],
    notes,
  };
}
