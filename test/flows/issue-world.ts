/** Everything that `issue` works with: real files, the small AWS's zones, a strict CA, and a clock that jumps. */
import { join } from 'node:path';
import type { CaLimits } from '../../src/core/ca-limits.ts';
import type { CertificateSpec } from '../../src/core/certificate-record.ts';
import { type Domain, parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { issueCertificate } from '../../src/flows/issue-certificate.ts';
import type { IssueOutcome, IssuePorts, IssueRequest } from '../../src/flows/issue-request.ts';
import { renewCertificates } from '../../src/flows/renew-certificates.ts';
import type { RenewOutcome, RenewPorts, RenewRequest } from '../../src/flows/renew-survey.ts';
import { FileAccountStore } from '../../src/io/account-store.ts';
import { ariCertId } from '../../src/io/ari-cert-id.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { FileJournalStore } from '../../src/io/journal-store.ts';
import { makeKeys } from '../../src/io/keys.ts';
import { FileLedgerStore } from '../../src/io/ledger-store.ts';
import { FileOrderStore } from '../../src/io/order-store.ts';
import { systemRandom } from '../../src/io/random.ts';
import { FileRenewalIndex } from '../../src/io/renewal-index.ts';
import type { NewAccount } from '../../src/ports.ts';
import { makeAcmeIssuer } from '../fakes/acme-issuer.ts';
import { FakeAcmeServer, type FakeAcmeServerOptions } from '../fakes/acme-server.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeHooks } from '../fakes/hooks.ts';
import { FakeLock } from '../fakes/lock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { FakeRoute53 } from '../fakes/route53.ts';
import { FakeServedLeaf } from '../fakes/served-leaf.ts';
import { ZoneStore } from '../world/zone-store.ts';

export const zone = parseDnsName('lan.example');
export const zoneId = 'Z0TEST';
export const name = parseCertificateName('lan.example');
const issuer = await makeAcmeIssuer();
const keys = makeKeys();
const never = new AbortController().signal;

export class IssueWorld {
  readonly clock = new FakeClock();
  readonly zones = new ZoneStore({ now: () => this.clock.now(), delayMs: 5_000 });
  readonly route53 = new FakeRoute53(this.zones);
  readonly nameServers = new FakeNameServers(this.zones, zoneId);
  readonly ca: FakeAcmeServer;
  readonly log = new FakeLog();
  readonly lock = new FakeLock();
  readonly hooks = new FakeHooks();
  readonly served = new FakeServedLeaf();
  readonly stateDir: string;
  readonly certificates: FileCertificateStore;
  readonly accounts: FileAccountStore;
  readonly journal: FileJournalStore;
  readonly orders: FileOrderStore;
  readonly ledgers: FileLedgerStore;
  /** Of the CA. */
  limits: CaLimits = {};
  readonly renewals: FileRenewalIndex;
  /** Of the zone before anybody did anything. */
  readonly untouched: string;

  constructor(folder: string, ca: Partial<Pick<FakeAcmeServerOptions, 'profiles'>> = {}) {
    this.ca = new FakeAcmeServer({ clock: this.clock, zones: this.zones, issuer, ...ca });
    this.stateDir = join(folder, 'state');
    this.certificates = new FileCertificateStore(this.stateDir);
    this.accounts = new FileAccountStore(this.stateDir);
    this.journal = new FileJournalStore(this.stateDir);
    this.orders = new FileOrderStore(this.stateDir);
    this.ledgers = new FileLedgerStore(this.stateDir);
    this.renewals = new FileRenewalIndex(this.stateDir);
    this.zones.addZone({ name: zone, id: zoneId });
    this.untouched = this.zones.snapshot(zoneId);
  }

  ports(): IssuePorts {
    return {
      clock: this.clock,
      random: systemRandom,
      log: this.log,
      lock: this.lock,
      certificates: this.certificates,
      accounts: this.accounts,
      journal: this.journal,
      orders: this.orders,
      ledgers: this.ledgers,
      limitsOf: () => this.limits,
      hooks: this.hooks,
      served: this.served,
      keys: async () => await Promise.resolve(keys),
      route53: async () => await Promise.resolve(this.route53),
      nameServers: async () => await Promise.resolve(this.nameServers),
      acme: async () => await Promise.resolve(this.ca),
      certId: async (certPem) => await Promise.resolve(ariCertId(certPem)),
      newAccount: async () => await Promise.resolve({ contacts: [], termsOfServiceAgreed: true }),
    };
  }

  request({ spec, ...rest }: RequestOverrides = {}): IssueRequest {
    return {
      name,
      spec: { ...this.spec(), ...spec },
      deployHooks: [],
      deployment: { skip: false, force: false, heedsBackoff: false },
      zone: { zone, zoneId, aliases: [] },
      terms: {},
      dnsTimeoutMs: 600_000,
      force: false,
      skipPreflight: false,
      isStaging: () => false,
      ...rest,
    };
  }

  spec(): CertificateSpec {
    const domains = ['lan.example', '*.lan.example'] as readonly string[] as readonly Domain[];
    return { domains, server: this.ca.directoryUrl, keyType: 'ec256' };
  }

  async issue(
    { account, ...overrides }: RequestOverrides & { readonly account?: NewAccount } = {},
    { signal = never, ports = {} }: { signal?: AbortSignal; ports?: Partial<IssuePorts> } = {},
  ): Promise<IssueOutcome> {
    const newAccount =
      account === undefined ? {} : { newAccount: async () => await Promise.resolve(account) };
    const all = { ...this.ports(), ...newAccount, ...ports };
    return await issueCertificate(this.request(overrides), all, signal);
  }

  renewal(overrides: Partial<RenewRequest> = {}): RenewRequest {
    const {
      deployHooks,
      deployment,
      zone: its,
      dnsTimeoutMs,
      force,
      skipPreflight,
      isStaging,
    } = this.request();
    return {
      names: [],
      changes: { spec: {}, terms: {} },
      deployHooks,
      deployment: { ...deployment, heedsBackoff: true },
      zone: its,
      dnsTimeoutMs,
      force,
      skipPreflight,
      isStaging,
      told: '',
      wantsAll: false,
      ...overrides,
    };
  }

  /** What the timer runs every hour. */
  async renew(
    overrides: Partial<RenewRequest> = {},
    { signal = never, ports = {} }: { signal?: AbortSignal; ports?: Partial<RenewPorts> } = {},
  ): Promise<RenewOutcome> {
    const all = { ...this.ports(), renewals: this.renewals, ...ports };
    return await renewCertificates(this.renewal(overrides), all, signal);
  }
}

export type RequestOverrides = Partial<Omit<IssueRequest, 'spec'>> & {
  readonly spec?: Partial<CertificateSpec>;
};
