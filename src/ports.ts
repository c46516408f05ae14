/**
 * The interfaces between what lanacme decides (`flows`, `core`) and what it touches (`io`).
 *
 * Flows call them, `io` implements them, tests pass fakes held to the same contract. Every call that can take
 * time gets an `AbortSignal`; failures are thrown as `LanacmeError`.
 */
import type { AcmeAuthorization, AcmeDirectory, AcmeOrder } from './core/acme-objects.ts';
import type { BatchRefusal } from './core/batch-refusal.ts';
import type { CaLimits } from './core/ca-limits.ts';
import type { CaaRecord } from './core/caa.ts';
import type { CertificateRecord, HookState, KeyType } from './core/certificate-record.ts';
import type { GuardedBatch } from './core/guard.ts';
import type { HookEnvironment } from './core/hook-environment.ts';
import type { InstallTerms } from './core/install-terms.ts';
import type { JournalEntry } from './core/journal.ts';
import type { LedgerEntry } from './core/ledger-entry.ts';
import type { CertificateName, DnsName, Domain } from './core/names.ts';
import type { PendingOrder } from './core/pending-order.ts';
import type { TxtRecordSet } from './core/record-set.ts';
import type { RenewalIndex } from './core/renewal-index.ts';
import type { VersionsInUse } from './core/stale-versions.ts';
import type { LanacmeError } from './errors.ts';

/** Time as the host sees it. */
export interface Clock {
  now(): Date;
  /** Resolves after `milliseconds`; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A signal that aborts by itself after `milliseconds`: for clean-up, which must outlive an abort. */
  deadline(milliseconds: number): AbortSignal;
}

/** Chance. */
export interface Random {
  /** Uniform in [0, 1). */
  number(): number;
  /** `bytes` random bytes as lower-case hex, for ids. */
  hex(bytes: number): string;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** What the person watching is told, on standard error. Foreign text is escaped by the adapter. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Says what is being waited for, until the returned function is called. */
  waiting(what: string): () => void;
}

// ---- AWS ----

/** AWS credentials of a session. They live in memory only. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Trades the host's identity for credentials; called again only when those are about to end. */
export type CredentialsSource = (signal: AbortSignal) => Promise<AwsCredentials>;

export interface HostedZone {
  /** Bare, without `/hostedzone/`. */
  readonly id: string;
  readonly name: DnsName;
  readonly isPrivate: boolean;
}

/** Route 53's answer to a change batch; anything that is not about the batch's contents is thrown. */
export type ChangeAnswer =
  | { readonly kind: 'accepted'; readonly changeId: string; readonly inSync: boolean }
  | { readonly kind: 'refused'; readonly refusals: readonly BatchRefusal[] };

export interface Route53 {
  /** Trades the identity for credentials now, so that a refusal costs no order at the CA. */
  signIn(signal: AbortSignal): Promise<void>;
  /** Every hosted zone with exactly this name, public or private. */
  hostedZones(name: DnsName, signal: AbortSignal): Promise<readonly HostedZone[]>;
  /** Every TXT record set at exactly this name (several if they carry set identifiers), PENDING changes included. */
  recordSets(zoneId: string, name: DnsName, signal: AbortSignal): Promise<readonly TxtRecordSet[]>;
  /** The only call that writes; what it takes can only be made by the guard. */
  change(batch: GuardedBatch, signal: AbortSignal): Promise<ChangeAnswer>;
  isInSync(changeId: string, signal: AbortSignal): Promise<boolean>;
  /** Releases sockets. */
  close(): Promise<void>;
}

// ---- DNS ----

export interface NameServer {
  /** As configured or as in the zone's NS set, for messages. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

/** The strings of one TXT value, one character a byte; a reader of the value joins them. */
export type TxtStrings = readonly string[];

/** What the records of each type hold, as far as it matters here. Names: lower case, no trailing dot, else unchecked. */
export interface DnsData {
  readonly TXT: TxtStrings;
  readonly CNAME: string;
  readonly NS: string;
  readonly CAA: CaaRecord;
  readonly SOA: { readonly serial: number };
  readonly DS: { readonly keyTag: number };
  readonly DNSKEY: { readonly flags: number };
}

export type DnsType = keyof DnsData;

/** The zone below that a server without authority for a name sends the asker to. */
export interface Referral {
  readonly zone: string;
  readonly nameServers: readonly string[];
}

interface Answered {
  readonly kind: 'answered';
  /** The AA bit. Without it the answer is not from an authoritative server. */
  readonly authoritative: boolean;
  /** The stored TTL in seconds, if there is a set. */
  readonly ttl?: number;
}

export interface Unreachable {
  readonly kind: 'unreachable';
  readonly reason: string;
}

export type DnsAnswer<T extends DnsType> =
  | (Answered & {
      /** Whether there is such a name, with records of any type or names below it. */
      readonly exists: boolean;
      /** Of this type at exactly this name. */
      readonly records: readonly DnsData[T][];
      /** Where the name's CNAME leads, if it has one and another type was asked for. */
      readonly alias?: string;
      readonly referral?: Referral;
    })
  | Unreachable;

export type TxtAnswer =
  | (Answered & {
      /** The TXT values at the name; empty if there are none. */
      readonly values: readonly TxtStrings[];
    })
  | Unreachable;

/** The zone's authoritative servers, asked directly: by UDP, and by TCP when that is cut or brings no answer. */
export interface NameServers {
  /** All addresses of all authoritative servers; empty (with a warning in the log) if they cannot be found. */
  of(zone: DnsName, signal: AbortSignal): Promise<readonly NameServer[]>;
  /** The same of whatever zone holds the name, for names that are not in the LAN zone; no warning. */
  holding(name: DnsName, signal: AbortSignal): Promise<readonly NameServer[]>;
  txt(server: NameServer, name: DnsName, signal: AbortSignal): Promise<TxtAnswer>;
  ask<T extends DnsType>(
    server: NameServer,
    name: DnsName,
    type: T,
    signal: AbortSignal,
  ): Promise<DnsAnswer<T>>;
}

// ---- ACME (RFC 8555) ----

export type {
  AcmeAuthorization,
  AcmeDirectory,
  AcmeOrder,
} from './core/acme-objects.ts';

export interface AcmeAccount {
  /** Verbatim from the CA: it is the key id of every request. */
  readonly url: string;
  /** PKCS#8 PEM. */
  readonly keyPem: string;
}

export interface NewAccount {
  readonly contacts: readonly string[];
  readonly termsOfServiceAgreed: boolean;
  readonly externalAccount?: { readonly kid: string; readonly hmacKey: string };
}

export interface NewOrder {
  readonly domains: readonly Domain[];
  readonly profile?: string;
  readonly replaces?: string;
}

/** A certificate chain as PEM, leaf first, and the URLs of the CA's alternate chains for it. */
export interface DownloadedChain {
  readonly pem: string;
  readonly alternateUrls: readonly string[];
}

/** What a CA suggests for a certificate (RFC 9773 §4.2). `end` is after `start`. */
export interface RenewalInfo {
  readonly window: { readonly start: Date; readonly end: Date };
  readonly explanationUrl?: string;
  /** From Retry-After: milliseconds until it may be asked again. */
  readonly retryAfterMs?: number;
}

/** Who asks for a revocation: the account that ordered, or whoever has the certificate's key (RFC 8555 §7.6). */
export type Revoker =
  | { readonly kind: 'account'; readonly account: AcmeAccount }
  | { readonly kind: 'certificate-key'; readonly keyPem: string };

/** One CA, spoken to by one account key. Polling, states and waiting are the flow's business. */
export interface AcmeServer {
  directory(signal: AbortSignal): Promise<AcmeDirectory>;
  /** newAccount: makes it, or finds the one that this key has (RFC 8555 §7.3). Returns its URL. */
  createAccount(keyPem: string, request: NewAccount, signal: AbortSignal): Promise<string>;
  newOrder(account: AcmeAccount, request: NewOrder, signal: AbortSignal): Promise<AcmeOrder>;
  order(account: AcmeAccount, url: string, signal: AbortSignal): Promise<AcmeOrder>;
  authorization(account: AcmeAccount, url: string, signal: AbortSignal): Promise<AcmeAuthorization>;
  deactivateAuthorization(account: AcmeAccount, url: string, signal: AbortSignal): Promise<void>;
  /** Tells the CA that the challenge's record is published (RFC 8555 §7.5.1). */
  answerChallenge(account: AcmeAccount, challengeUrl: string, signal: AbortSignal): Promise<void>;
  /** `csr` is DER. */
  finalize(
    account: AcmeAccount,
    finalizeUrl: string,
    csr: Uint8Array,
    signal: AbortSignal,
  ): Promise<AcmeOrder>;
  certificate(account: AcmeAccount, url: string, signal: AbortSignal): Promise<DownloadedChain>;
  /**
   * What the CA suggests for the certificate with this id (RFC 9773 §4.1), asked once: whoever asks paces itself. Only
   * where the directory offers it.
   */
  renewalInfo(certId: string, signal: AbortSignal): Promise<RenewalInfo>;
  /**
   * @param certPem begins with the certificate.
   * @param reasonCode of RFC 5280 §5.3.1.
   * @throws LanacmeError `acme.already-revoked` also if an answer was lost and the request repeated.
   */
  revoke(revoker: Revoker, certPem: string, reasonCode: number, signal: AbortSignal): Promise<void>;
  /** Releases sockets. */
  close(): Promise<void>;
}

// ---- keys ----

export type { KeyType } from './core/certificate-record.ts';

export interface Keys {
  /** A new private key as PKCS#8 PEM. */
  generate(type: KeyType): Promise<string>;
  /** A certificate request (DER) for exactly these names, all in the SAN, signed by the key. */
  certificateRequest(keyPem: string, domains: readonly Domain[]): Promise<Uint8Array>;
}

// ---- files ----

/** What goes into one version folder, PEM each. */
export interface CertificateFiles {
  readonly privkey: string;
  readonly cert: string;
  readonly chain: string;
  readonly fullchain: string;
}

/** A version on disk. */
export interface StoredVersion {
  /** `0001`, as in the folder's name. */
  readonly version: string;
  /** Sizes and times of its files: another stamp means that somebody touched them. Empty if one is missing. */
  readonly stamp: string;
}

/** As read from disk in one go. */
export interface StoredCertificate extends StoredVersion {
  readonly files: CertificateFiles;
}

/** The version that `live/NAME` points to. */
export interface LiveVersion extends StoredVersion {
  /** `STATE_DIR/live/NAME`: the only path that servers are configured with. */
  readonly path: string;
}

export type LiveCertificate = LiveVersion & StoredCertificate;

export interface CertificateStore {
  /** The names that have a record, in order. */
  names(): Promise<readonly CertificateName[]>;
  record(name: CertificateName): Promise<CertificateRecord | undefined>;
  saveRecord(record: CertificateRecord): Promise<void>;
  /** Which version is live, without opening its files. */
  liveVersion(name: CertificateName): Promise<LiveVersion | undefined>;
  /** Its files, which were read and checked: they belong together. */
  live(name: CertificateName): Promise<LiveCertificate | undefined>;
  /** The versions on disk, oldest first. */
  versions(name: CertificateName): Promise<readonly string[]>;
  /** The files of one of them, read and checked. @throws LanacmeError `state.broken` also if there is none. */
  version(name: CertificateName, version: string): Promise<StoredCertificate>;
  /**
   * Makes sure that there is place for a new version, its record, and what is kept of accounts, orders and challenges
   * on the way, before a certificate is ordered for it; and that this host can do what the terms
   * ask. Returns sentences on what will keep others from reading their files all the same.
   */
  prepare(name: CertificateName, terms?: InstallTerms): Promise<readonly string[]>;
  /** Writes a complete new version, fsyncs it, then flips `live/NAME` to it. */
  install(name: CertificateName, files: CertificateFiles, terms?: InstallTerms): Promise<LiveCertificate>;
  /** Flips `live/NAME` to a version that is there, complete. */
  pointTo(name: CertificateName, version: string): Promise<LiveVersion>;
  /** Removes the versions that are needed least so that `keep` stay; returns which. Never the live one. */
  prune(name: CertificateName, keep: number, inUse: Omit<VersionsInUse, 'live'>): Promise<readonly string[]>;
  /** Removes its link, its versions, its pending order and its record; returns the paths that were there. */
  remove(name: CertificateName): Promise<readonly string[]>;
}

/** What the last `renew` found: a shortcut for the next. */
export interface RenewalIndexStore {
  read(): Promise<RenewalIndex | undefined>;
  /** What can be seen of the folders of records and links: another mark means that something in them was replaced. */
  folders(): Promise<string>;
  /** What can be seen of each certificate without opening anything: another mark means that it was touched. */
  marks(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  save(index: RenewalIndex): Promise<void>;
  /** The next run then looks at every certificate. */
  remove(): Promise<void>;
}

export interface AccountStore {
  /** The account kept for this directory URL. `url` is absent if the CA has not yet answered for the key. */
  read(directoryUrl: string): Promise<{ readonly keyPem: string; readonly url?: string } | undefined>;
  /** Keeps a new key before it is first used, so that a crash cannot make a second account. */
  saveKey(directoryUrl: string, keyPem: string): Promise<void>;
  saveAccount(
    directoryUrl: string,
    account: { readonly url: string; readonly contacts: readonly string[] },
  ): Promise<void>;
}

/** Challenge values sent and not yet removed; on disk, fsynced with its folder, before anything is sent. */
export interface JournalStore {
  entries(): Promise<readonly JournalEntry[]>;
  /** Writes the entry, replacing the one with the same id. */
  save(entry: JournalEntry): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Orders that were made and have not come to their end, one a certificate. */
export interface OrderStore {
  /** With the key that the order was or will be finalized with, once there is one. */
  read(
    name: CertificateName,
  ): Promise<{ readonly order: PendingOrder; readonly keyPem?: string } | undefined>;
  /** Replaces the order, and forgets the key of the one before. */
  save(order: PendingOrder): Promise<void>;
  /** Keeps the key before the CA sees its certificate request: without it, what the CA then issues is lost. */
  saveKey(name: CertificateName, keyPem: string): Promise<void>;
  remove(name: CertificateName): Promise<void>;
}

/** What this host did at each CA that the CA counts, so that its limits are kept across runs. */
export interface LedgerStore {
  /** Of the CA with this directory URL; nothing if it is not known. */
  read(directoryUrl: string): Promise<readonly LedgerEntry[]>;
  /** Replaces what was kept. */
  save(directoryUrl: string, entries: readonly LedgerEntry[]): Promise<void>;
}

export interface Lock {
  /** Waits for the lock as long as `--lock-timeout`, else throws `state.locked`. Returns what releases it. */
  acquire(signal: AbortSignal): Promise<() => Promise<void>>;
}

// ---- hooks ----

export type HookResult =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: LanacmeError };

/** A hook that runs for every certificate: a command of the env file, or an executable in `deploy.d`. */
export interface HostHook {
  /** For the shell, or the path of the executable. */
  readonly command: string;
  readonly isFile: boolean;
  /** Why it must not be run: somebody else could have written it. */
  readonly refusal?: LanacmeError;
}

/** Hooks that run with root's rights, in another process than this one, which root has left. */
export interface RootHooks {
  /** All of them, in order. */
  readonly commands: readonly string[];
  /** What each of them is owed of this version, as root noted it. */
  states(
    name: CertificateName,
    live: { readonly version: string; readonly serial: string },
  ): readonly HookState[];
  /** Has those that are owed run, or all of them; one failure for each that failed. */
  deploy(name: CertificateName, force: boolean, signal: AbortSignal): Promise<readonly LanacmeError[]>;
}

export interface Hooks {
  /** Runs one command by `/bin/sh -c` with these variables and a clean environment; its output goes to the log. */
  run(command: string, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult>;
  /** The same for an executable. */
  runFile(path: string, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult>;
  /** Those that this process runs for every certificate, in order. */
  ofHost(): readonly HostHook[];
  /** Those around all orders of a run. */
  around(): { readonly pre: readonly HostHook[]; readonly post: readonly HostHook[] };
  readonly root?: RootHooks;
}

/** What one address of a server answered. */
export type ServedAnswer =
  | { readonly kind: 'leaf'; readonly address: string /** DER. */; readonly leaf: Uint8Array }
  | { readonly kind: 'none'; readonly address: string; readonly reason: string };

/** Servers as their clients see them. */
export interface ServedLeaf {
  /**
   * The certificate that each address of a server shows, trusted or not.
   *
   * @param target `HOST:PORT`.
   * @param serverName for SNI; none if absent.
   */
  ask(target: string, serverName: string | undefined, signal: AbortSignal): Promise<readonly ServedAnswer[]>;
}

// ---- what a command is given ----

/** For a command that may change the zone. The heavy ones are functions: they are loaded when they are first needed. */
export interface ZoneWiring {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly lock: Lock;
  readonly journal: JournalStore;
  readonly route53: () => Promise<Route53>;
  readonly nameServers: () => Promise<NameServers>;
  /** Releases the sockets of whatever was made. */
  readonly close: () => Promise<void>;
}

/** For a command that deploys and orders nothing. */
export interface DeployWiring {
  readonly clock: Clock;
  readonly log: Log;
  readonly lock: Lock;
  readonly certificates: CertificateStore;
  readonly hooks: Hooks;
  readonly served: ServedLeaf;
}

/** For a command that orders certificates. */
export interface IssueWiring extends ZoneWiring {
  readonly certificates: CertificateStore;
  readonly accounts: AccountStore;
  readonly orders: OrderStore;
  readonly ledgers: LedgerStore;
  /** Of the CA with this directory URL. */
  readonly limitsOf: (directoryUrl: string) => CaLimits;
  readonly hooks: Hooks;
  readonly served: ServedLeaf;
  readonly keys: () => Promise<Keys>;
  /** The CA with this directory URL. */
  readonly acme: (directoryUrl: string) => Promise<AcmeServer>;
  /** By which the CA knows this certificate (RFC 9773 §4.1); nothing for one that names no key of its issuer. */
  readonly certId: (certPem: string) => Promise<string | undefined>;
  /** Reads the HMAC key of an external account, if there is one. */
  readonly newAccount: () => Promise<NewAccount>;
}
