/**
 * What a command runs with: every setting read, checked and typed, whatever it came from. Plain data; times are
 * milliseconds, names in normal form, paths absolute (of files that are read also `credential:NAME`, a file in
 * `$CREDENTIALS_DIRECTORY`).
 */
import type { CertificateSpec } from '../core/certificate-record.ts';
import type { CertificateName, DnsName } from '../core/names.ts';

export type Config = IssueConfig | StatusConfig | CleanupConfig;

/** The commands that this version has. */
export type BuiltCommand = Config['command'];

export interface IssueConfig extends ZoneChangingConfig {
  readonly command: 'issue';
  readonly certificate: WantedCertificate;
  readonly ca: CaConfig;
  readonly account: AccountConfig;
  readonly hooks: HooksConfig;
  /** Order although a good certificate is there, or although staging would replace another server's. */
  readonly force: boolean;
  readonly skipPreflight: boolean;
}

export interface CleanupConfig extends ZoneChangingConfig {
  readonly command: 'cleanup';
  readonly dryRun: boolean;
}

export interface StatusConfig extends CommonConfig {
  readonly command: 'status';
  /** All certificates if absent. */
  readonly certificate?: CertificateName;
}

export interface CommonConfig {
  readonly stateDir: string;
  readonly output: OutputConfig;
}

export interface ZoneChangingConfig extends CommonConfig {
  readonly zone: ZoneConfig;
  readonly aws: AwsConfig;
  readonly network: NetworkConfig;
  readonly lockTimeoutMs: number;
}

/** Where results and logs go, and how. */
export interface OutputConfig {
  readonly json: boolean;
  readonly log: LogConfig;
}

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'pretty' | 'journal';
  /** Warnings and errors only. */
  readonly quiet: boolean;
  readonly color: boolean;
  /** A line that is redrawn while waiting. */
  readonly live: boolean;
}

export interface WantedCertificate {
  readonly name: CertificateName;
  readonly spec: CertificateSpec;
  /** Order without the profile if the CA does not offer it. */
  readonly profileFallback: boolean;
  readonly reuseKey: boolean;
}

export interface CaConfig {
  readonly directoryUrl: string;
  /** PEM file of roots to trust beside the usual ones. */
  readonly rootsFile?: string;
}

export interface AccountConfig {
  /** `mailto:` URLs. */
  readonly contacts: readonly string[];
  readonly agreeTos: boolean;
  readonly externalAccount?: ExternalAccount;
}

/** External account binding (RFC 8555 §7.3.4); the key is base64url, a secret. */
export interface ExternalAccount {
  readonly kid: string;
  readonly hmacKey: { readonly file: string } | { readonly text: string };
}

export interface HooksConfig {
  /** Shell commands. */
  readonly deploy: readonly string[];
  readonly timeoutMs: number;
}

export interface ZoneConfig {
  readonly name: DnsName;
  /** Bare hosted-zone id; looked up if absent. */
  readonly id?: string;
  /** `host`, `host:port`, `[v6]:port`; empty: the zone's NS. */
  readonly nameServers: readonly string[];
  /** Longest wait for INSYNC. */
  readonly timeoutMs: number;
  /** Exact names, or `*.` and the root of one subtree of the zone. */
  readonly aliases: readonly string[];
}

export interface AwsConfig {
  readonly credentials: CredentialsConfig;
  /** For signing; Route 53 is one service for all regions of a partition. */
  readonly region: string;
  readonly route53Endpoint?: string;
  /** PEM file of roots to trust beside the usual ones. */
  readonly caBundle?: string;
  /** `AWS_*` lines of the env file that the environment does not have: the SDK looks for them there. Secrets. */
  readonly variables: Readonly<Record<string, string>>;
}

export type CredentialsConfig = IotConfig | { readonly kind: 'default' };

export interface IotConfig {
  readonly kind: 'iot';
  /** Host, `host:port` or an https URL. */
  readonly endpoint: string;
  readonly roleAlias: string;
  readonly thingName?: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyPasswordFile?: string;
  /** PEM file of the roots to trust instead of Amazon's. */
  readonly caFile?: string;
}

export interface NetworkConfig {
  /** A URL; it may hold a password. */
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  /** Files in here may be owned by root with mode 0440. */
  readonly credentialsDirectory?: string;
}
