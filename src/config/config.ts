/**
 * What a command runs with: every setting read, checked and typed, whatever it came from. Plain data; times are
 * milliseconds, names in normal form, paths absolute (of files that are read also `credential:NAME`, a file in
 * `$CREDENTIALS_DIRECTORY`).
 */
import type { CaLimitsName } from '../core/ca-limits.ts';
import type { CertificateSpec, CertificateTerms } from '../core/certificate-record.ts';
import type { IdentitySource } from '../core/identity-life.ts';
import type { CertificateName, DnsName } from '../core/names.ts';
import type { CertificateChanges } from '../core/renewal-request.ts';
import type { RevocationReason } from '../core/revocation-reason.ts';

export type Config =
  | IssueConfig
  | RenewConfig
  | StatusConfig
  | CleanupConfig
  | DeployConfig
  | RollbackConfig
  | RevokeConfig
  | DeleteConfig
  | ImportConfig
  | SystemdConfig
  | VerifySessionConfig
  | PrintCredentialsConfig
  | ServeCredentialsConfig;

/** The commands that this version has. */
export type BuiltCommand = Config['command'];

export interface IssueConfig extends ZoneChangingConfig {
  readonly command: 'issue';
  readonly certificate: WantedCertificate;
  readonly ca: CaConfig & OrderingConfig;
  readonly account: AccountConfig;
  readonly hooks: HooksConfig;
  /** Order although a good certificate is there, or although staging would replace another server's. */
  readonly force: boolean;
  readonly skipPreflight: boolean;
}

export interface RenewConfig extends ZoneChangingConfig {
  readonly command: 'renew';
  /** All certificates if empty. */
  readonly names: readonly CertificateName[];
  /** What beats what `issue` stored. */
  readonly changes: CertificateChanges;
  readonly ca: OrderingConfig;
  readonly account: AccountConfig;
  readonly hooks: HooksConfig;
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly skipPreflight: boolean;
  /** Prometheus textfile. */
  readonly metricsFile?: string;
}

export interface DeployConfig extends CommonConfig {
  readonly command: 'deploy';
  /** All certificates if empty. */
  readonly names: readonly CertificateName[];
  readonly hooks: HooksConfig;
  /** Also the hooks that are not owed. */
  readonly force: boolean;
  readonly lockTimeoutMs: number;
}

export interface RollbackConfig extends CommonConfig {
  readonly command: 'rollback';
  readonly certificate: CertificateName;
  readonly hooks: HooksConfig;
  readonly lockTimeoutMs: number;
}

export interface RevokeConfig extends CommonConfig {
  readonly command: 'revoke';
  readonly certificate: CertificateName;
  readonly reason: RevocationReason;
  /** For a certificate whose record does not tell its CA. */
  readonly ca: CaConfig;
  readonly network: NetworkConfig;
  readonly lockTimeoutMs: number;
}

export interface DeleteConfig extends CommonConfig {
  readonly command: 'delete';
  readonly certificate: CertificateName;
  readonly lockTimeoutMs: number;
}

/** Of another client. */
export interface ImportConfig extends CommonConfig {
  readonly command: 'import';
  /** Where certbot keeps everything. */
  readonly folder: string;
  /** The LAN zone. */
  readonly zone: DnsName;
  readonly dryRun: boolean;
  readonly lockTimeoutMs: number;
}

export interface CleanupConfig extends ZoneChangingConfig {
  readonly command: 'cleanup';
  readonly dryRun: boolean;
}

/** The commands that the env file names as deploy hooks; as they stand there, whoever reads them. */
export interface HostHooksConfig {
  readonly commands: readonly string[];
  readonly envFile?: string;
}

export interface StatusConfig extends CommonConfig {
  readonly command: 'status';
  /** All certificates if absent. */
  readonly certificate?: CertificateName;
  /** How long each certificate has to be good still, for monitoring. */
  readonly checkExpiryDays?: number;
  /** The certificate that this host is known by at AWS. */
  readonly identity?: IdentitySource;
  readonly network: NetworkConfig;
  /** What root runs for every certificate, beside `deploy.d`. */
  readonly hostHooks: HostHooksConfig;
}

export interface SystemdConfig extends CommonConfig {
  readonly command: 'systemd';
  readonly action: SystemdAction;
  readonly scope: SystemdScope;
}

/** Of what CloudTrail tells of sessions at IAM Roles Anywhere. */
export interface VerifySessionConfig extends CommonConfig {
  readonly command: 'verify-session';
  readonly eventFile: string;
  /** Seeds of the hosts, one `NAME SEED` a line. */
  readonly seedsFile: string;
  readonly network: NetworkConfig;
}

export type SystemdAction = 'install' | 'uninstall' | 'show';

/** Whose units. */
export type SystemdScope =
  | { readonly kind: 'system' }
  /** With the folder that stands for `$XDG_CONFIG_HOME`, and `$XDG_RUNTIME_DIR` where there is a session. */
  | { readonly kind: 'user'; readonly configHome: string; readonly runtimeDir?: string };

/** `lanacme credentials`: once, for another program. */
export interface PrintCredentialsConfig extends IdentityConfig {
  readonly command: 'credentials';
  readonly action: 'print';
  readonly target: CredentialsTarget;
}

/** `lanacme credentials serve`: to whoever has the token, on loopback. */
export interface ServeCredentialsConfig extends IdentityConfig {
  readonly command: 'credentials';
  readonly action: 'serve';
  /** 0 for any that is free. */
  readonly port: number;
  readonly tokenFile: string;
}

/** The form of credentials, and where they go: to standard output without a file. */
export type CredentialsTarget =
  | { readonly format: 'process' | 'env' | 'json'; readonly output?: CredentialsOutput }
  | { readonly format: 'file'; readonly profile: string; readonly output: CredentialsOutput };

export interface CredentialsOutput {
  readonly path: string;
  /** May read it. */
  readonly keyGroup?: string;
}

/** What the commands share that give credentials to others. */
export interface IdentityConfig extends CommonConfig {
  readonly aws: AwsConfig;
  readonly network: NetworkConfig;
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
  readonly terms: CertificateTerms;
}

export interface CaConfig {
  readonly directoryUrl: string;
  /** PEM file of roots to trust beside the usual ones. */
  readonly rootsFile?: string;
}

export interface OrderingConfig {
  /** PEM file of roots to trust beside the usual ones. */
  readonly rootsFile?: string;
  /** Whose limits the ledger knows; by directory URL if absent. */
  readonly limits?: CaLimitsName;
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

/** Shell commands, and whose word they are: what the env file names runs with the rights of who owns it. */
export interface HooksConfig {
  /** By flag or variable. */
  readonly deploy: readonly string[];
  /** In the env file; none if a flag or a variable takes their place. */
  readonly deployOfFile: readonly string[];
  readonly pre: HookCommands;
  readonly post: HookCommands;
  /** The env file that was read. */
  readonly envFile?: string;
  /** Run none of them. */
  readonly skip: boolean;
  /** Run them as this user, when root. */
  readonly user?: string;
  readonly timeoutMs: number;
  /** `HOST:PORT[/SNI]` each, in place of those that `issue` stored; absent: as stored. */
  readonly checks?: readonly string[];
  readonly rollbackOnFailure?: boolean;
}

export interface HookCommands {
  readonly commands: readonly string[];
  readonly isOfFile: boolean;
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

/** Which identity is traded for credentials. */
export type CredentialsConfig = IotConfig | RolesAnywhereConfig | { readonly kind: 'default' };

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

export interface RolesAnywhereConfig {
  readonly kind: 'roles-anywhere';
  /** An https origin. */
  readonly endpoint: string;
  /** Of the trust anchor: the one that requests are signed for. */
  readonly region: string;
  readonly trustAnchorArn: string;
  readonly profileArn: string;
  readonly roleArn: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyPasswordFile?: string;
  /** PEM file of the intermediates; absent: what follows the certificate in its own file. */
  readonly chainFile?: string;
  /** Absent: AWS takes the serial of the certificate. */
  readonly sessionName?: SessionNameConfig;
}

/** A name as it stands, or the file with the base32 seed of the TOTP code that is the name. */
export type SessionNameConfig = { readonly text: string } | { readonly totpSeedFile: string };

export interface NetworkConfig {
  /** A URL; it may hold a password. */
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  /** Files in here may be owned by root with mode 0440. */
  readonly credentialsDirectory?: string;
}
