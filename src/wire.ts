/**
 * Builds what the commands work with. Heavy adapters are loaded by `import()` when they are first asked for, so that a
 * run with nothing to do starts like a bare `node`.
 */
import type {
  CleanupConfig,
  DeleteConfig,
  DeployConfig,
  IssueConfig,
  NetworkConfig,
  RenewConfig,
  RevokeConfig,
  RollbackConfig,
  StatusConfig,
} from './config/config.ts';
import { caLimits } from './core/ca-limits.ts';
import type { IdentitySource } from './core/identity-life.ts';
import { FileAccountStore } from './io/account-store.ts';
import { FileCertificateStore } from './io/certificate-store.ts';
import { systemClock } from './io/clock.ts';
import type { HttpClient } from './io/http.ts';
import { readIdentityCertificate } from './io/identity-certificate.ts';
import { FileJournalStore } from './io/journal-store.ts';
import { FileLedgerStore } from './io/ledger-store.ts';
import type { FileLockOptions } from './io/lock.ts';
import { FileOrderStore } from './io/order-store.ts';
import { systemRandom } from './io/random.ts';
import { FileRenewalIndex } from './io/renewal-index.ts';
import { RequestCounts } from './io/request-counts.ts';
import { builtAt, version } from './io/version.ts';
import type { IdentityFile } from './ports/identity.ts';
import type { MetricsWiring } from './ports/metrics.ts';
import type {
  AcmeServer,
  CertificateStore,
  Clock,
  DeployWiring,
  IssueWiring,
  Lock,
  Log,
  NewAccount,
  RenewalIndexStore,
  RootHooks,
  Route53,
  ZoneWiring,
} from './ports.ts';
import { watchedSource } from './wire/credentials.ts';
import { wireHooks, wireNotedHooks } from './wire/hooks.ts';
import { extraRoots, proxyOf } from './wire/network.ts';
import { once, oncePerKey } from './wire/once.ts';

/** @param hostHooks root's hooks, if root has said which they are */
export async function wireStatus(
  { stateDir, identity, network }: StatusConfig,
  hostHooks?: readonly string[],
): Promise<{
  certificates: CertificateStore;
  clock: Clock;
  rootHooks?: Pick<RootHooks, 'states'>;
  identity?: IdentityFile;
}> {
  const certificates = new FileCertificateStore(stateDir);
  return {
    certificates,
    clock: systemClock,
    ...(await wireNotedHooks(stateDir, hostHooks)),
    ...(identity === undefined ? {} : { identity: identityFile(identity, network) }),
  };
}

function identityFile(identity: IdentitySource, network: NetworkConfig): IdentityFile {
  return { ...identity, read: async () => await readIdentityCertificate(identity.file, network) };
}

/** For a command that deploys and orders nothing. */
export function wireDeploy(
  { stateDir, hooks, lockTimeoutMs: timeoutMs, command }: DeployConfig | RollbackConfig,
  log: Log,
): DeployWiring {
  return {
    ...wireHooks(hooks, log),
    certificates: new FileCertificateStore(stateDir),
    clock: systemClock,
    lock: laterLock({ stateDir, timeoutMs, command: `lanacme ${command}`, clock: systemClock, log }),
    log,
  };
}

/** For a command that changes nothing but files. */
export function wireDelete(
  { stateDir, lockTimeoutMs: timeoutMs, command }: DeleteConfig,
  log: Log,
): Pick<DeployWiring, 'certificates' | 'clock' | 'lock' | 'log'> {
  return {
    certificates: new FileCertificateStore(stateDir),
    clock: systemClock,
    lock: laterLock({ stateDir, timeoutMs, command: `lanacme ${command}`, clock: systemClock, log }),
    log,
  };
}

export function wireRevoke(
  { stateDir, ca, network, lockTimeoutMs: timeoutMs, command }: RevokeConfig,
  log: Log,
): Pick<IssueWiring, 'certificates' | 'accounts' | 'acme' | 'clock' | 'lock' | 'log' | 'close'> {
  const closing = new Closing();
  return {
    certificates: new FileCertificateStore(stateDir),
    accounts: new FileAccountStore(stateDir),
    acme: wireAcme(ca.rootsFile, network, log, closing, new RequestCounts()),
    clock: systemClock,
    lock: laterLock({ stateDir, timeoutMs, command: `lanacme ${command}`, clock: systemClock, log }),
    log,
    close: async () => {
      await closing.close();
    },
  };
}

export function wireCleanup(config: CleanupConfig, log: Log): ZoneWiring {
  const closing = new Closing();
  return {
    ...wireZone(config, log, closing, new RequestCounts()),
    close: async () => {
      await closing.close();
    },
  };
}

interface RenewWiring {
  readonly renewals: RenewalIndexStore;
  readonly builtAt: Date | undefined;
  readonly metrics?: MetricsWiring;
}

export function wireRenew(config: RenewConfig, log: Log): IssueWiring & RenewWiring {
  const counts = new RequestCounts();
  // A dry run is none that anybody waits for.
  const metricsFile = config.dryRun ? undefined : config.metricsFile;
  return {
    ...wireIssue(config, log, counts),
    renewals: new FileRenewalIndex(config.stateDir),
    builtAt,
    ...(metricsFile === undefined ? {} : { metrics: wireMetrics(metricsFile, counts, config) }),
  };
}

function wireMetrics(
  path: string,
  counts: RequestCounts,
  { stateDir, aws: { credentials }, network }: RenewConfig,
): MetricsWiring {
  return {
    version,
    requests: () => counts.all(),
    rootHooks: async () => (await wireNotedHooks(stateDir)).rootHooks,
    ...(credentials.kind === 'default'
      ? {}
      : { identity: identityFile({ source: credentials.kind, file: credentials.certFile }, network) }),
    file: {
      write: async (text) => {
        await (await import('./io/metrics-file.ts')).makeMetricsFile(path).write(text);
      },
    },
  };
}

export function wireIssue(
  config: IssueConfig | RenewConfig,
  log: Log,
  counts = new RequestCounts(),
): IssueWiring {
  const { stateDir, hooks, ca, network } = config;
  const closing = new Closing();
  return {
    ...wireZone(config, log, closing, counts),
    certificates: new FileCertificateStore(stateDir, network),
    accounts: new FileAccountStore(stateDir),
    orders: new FileOrderStore(stateDir),
    ledgers: new FileLedgerStore(stateDir),
    limitsOf: (directoryUrl) => caLimits(ca.limits, directoryUrl),
    ...wireHooks(hooks, log),
    keys: once(async () => (await import('./io/keys.ts')).makeKeys()),
    acme: wireAcme(ca.rootsFile, network, log, closing, counts),
    certId: async (certPem) => (await import('./io/ari-cert-id.ts')).ariCertId(certPem),
    newAccount: async () => await newAccount(config),
    close: async () => {
      await closing.close();
    },
  };
}

/** The CA with this directory URL, and what it is asked counted. */
function wireAcme(
  rootsFile: string | undefined,
  network: NetworkConfig,
  log: Log,
  closing: Closing,
  counts: RequestCounts,
): (directoryUrl: string) => Promise<AcmeServer> {
  return oncePerKey(async (directoryUrl) => {
    const { makeAcmeServer } = await import('./io/acme-server.ts');
    const { countedAcme } = await import('./io/counted-acme.ts');
    const { makeHttpClient } = await import('./io/http.ts');
    const http = makeHttpClient({
      ...(await extraRoots(rootsFile, '--server-ca', network)),
      ...proxyOf(network),
    });
    const make = (counted: HttpClient): AcmeServer =>
      makeAcmeServer({ directoryUrl, http: counted, log, clock: systemClock });
    const count = (operation: string): void => {
      counts.add('acme', operation);
    };
    return closing.later(countedAcme({ directoryUrl, http, make, count }));
  });
}

function wireZone(
  config: IssueConfig | RenewConfig | CleanupConfig,
  log: Log,
  closing: Closing,
  counts: RequestCounts,
): Omit<ZoneWiring, 'close'> {
  const { stateDir, zone, lockTimeoutMs: timeoutMs, command } = config;
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    lock: laterLock({ stateDir, timeoutMs, command: `lanacme ${command}`, clock: systemClock, log }),
    journal: new FileJournalStore(stateDir),
    route53: once(async () => closing.later(await makeRoute53(config, log, counts))),
    nameServers: once(async () => {
      const { makeNameServers } = await import('./io/nameservers.ts');
      return makeNameServers({ configured: zone.nameServers, log });
    }),
  };
}

/** Taken only when there is something to do. */
function laterLock(options: FileLockOptions): Lock {
  const load = once(async () => new (await import('./io/lock.ts')).FileLock(options));
  return { acquire: async (signal) => await (await load()).acquire(signal) };
}

async function makeRoute53(
  config: IssueConfig | RenewConfig | CleanupConfig,
  log: Log,
  counts: RequestCounts,
): Promise<Route53> {
  const { aws, network } = config;
  const adapter = await import('./io/route53.ts');
  const { makeHttpClient } = await import('./io/http.ts');
  const http = makeHttpClient({
    ...(await extraRoots(aws.caBundle, 'AWS_CA_BUNDLE', network)),
    ...proxyOf(network),
  });
  const route53 = adapter.makeRoute53({
    credentials: await watchedSource(config, log),
    ...(aws.route53Endpoint === undefined ? {} : { endpoint: aws.route53Endpoint }),
    region: aws.region,
    http,
    clock: systemClock,
    random: systemRandom,
    log,
    count: (operation) => {
      counts.add('route53', operation);
    },
  });
  if (aws.credentials.kind !== 'iot') return route53;
  const { thingRoute53 } = await import('./io/thing-route53.ts');
  return thingRoute53(route53, aws.credentials.thingName, log);
}

async function newAccount({ account, network }: IssueConfig | RenewConfig): Promise<NewAccount> {
  const { contacts, agreeTos: termsOfServiceAgreed, externalAccount } = account;
  if (externalAccount === undefined) return { contacts, termsOfServiceAgreed };
  const { kid, hmacKey } = externalAccount;
  const key = 'text' in hmacKey ? hmacKey.text : await readHmacKey(hmacKey.file, network);
  return { contacts, termsOfServiceAgreed, externalAccount: { kid, hmacKey: key } };
}

async function readHmacKey(file: string, network: NetworkConfig): Promise<string> {
  const { readSecretFile } = await import('./io/secret-file.ts');
  return (await readSecretFile(file, network)).trim();
}

/** What was opened, to be closed at the end. */
class Closing {
  readonly #open: { close: () => Promise<void> }[] = [];

  later<T extends { close: () => Promise<void> }>(opened: T): T {
    this.#open.push(opened);
    return opened;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#open.map(async (opened) => {
        await opened.close();
      }),
    );
  }
}
