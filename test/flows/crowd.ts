/** Many certificates that are obtained at once in one process: one writer, one account, and time that takes none. */
import { planChallenges } from '../../src/core/challenge-plan.ts';
import type { JournalRecord } from '../../src/core/journal.ts';
import { type Domain, parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import type { PendingOrder } from '../../src/core/pending-order.ts';
import { CaLedger } from '../../src/flows/ca-ledger.ts';
import { type ObtainedCertificate, obtainCertificate } from '../../src/flows/obtain-certificate.ts';
import { ZoneWriter } from '../../src/flows/zone-writer.ts';
import { makeKeys } from '../../src/io/keys.ts';
import { systemRandom } from '../../src/io/random.ts';
import type { AcmeAccount, AcmeServer, Keys, LedgerStore, OrderStore } from '../../src/ports.ts';
import { makeAcmeIssuer } from '../fakes/acme-issuer.ts';
import { FakeAcmeServer } from '../fakes/acme-server.ts';
import { FakeJournalStore } from '../fakes/journal-store.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { FakeRoute53 } from '../fakes/route53.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
export const zoneId = 'Z0TEST';
const issuer = await makeAcmeIssuer();
const keys = makeKeys();
const accountKey = await keys.generate('ec256');

export class Crowd {
  readonly clock = new VirtualClock();
  readonly zones: ZoneStore;
  readonly route53: FakeRoute53;
  readonly ca: FakeAcmeServer;
  readonly journal = new FakeJournalStore();
  readonly log = new FakeLog();
  readonly writer: ZoneWriter;
  /** Of the zone before anybody did anything. */
  readonly untouched: string;
  readonly #nameServers: FakeNameServers;
  readonly #orders = new OrdersInMemory();
  #atWork = 0;

  constructor({ inSyncMs }: { readonly inSyncMs: number }) {
    this.zones = new ZoneStore({ now: () => this.clock.now(), delayMs: inSyncMs });
    this.zones.addZone({ name: zone, id: zoneId });
    this.untouched = this.zones.snapshot(zoneId);
    this.route53 = new FakeRoute53(this.zones);
    this.ca = new FakeAcmeServer({ clock: this.clock, zones: this.zones, issuer });
    this.#nameServers = new FakeNameServers(this.zones, zoneId);
    this.writer = new ZoneWriter({ zone, zoneId, aliases: [] }, { ...this.#common(), route53: this.route53 });
    this.clock.isBusy = () => this.#atWork > 0;
  }

  /** All at once; how each ended, in their order. */
  async obtainAll(
    orders: readonly (readonly string[])[],
    signal = new AbortController().signal,
  ): Promise<readonly PromiseSettledResult<ObtainedCertificate>[]> {
    const terms = { contacts: [], termsOfServiceAgreed: true };
    const url = await this.ca.createAccount(accountKey, terms, signal);
    const account = { url, keyPem: accountKey };
    const all = orders.map(async (domains, index) => {
      return await this.#obtain(domains as readonly Domain[], account, index, AbortSignal.any([signal]));
    });
    return await this.clock.run(Promise.allSettled(all));
  }

  /** Requests to Route 53, by operation. */
  counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const call of this.route53.calls) counts[call] = (counts[call] ?? 0) + 1;
    return counts;
  }

  /** What each batch that was taken did: how many values it made and took away. */
  batches(): readonly { readonly created: number; readonly deleted: number }[] {
    return this.zones.changes(zoneId).map(({ changes }) => {
      const valuesOf = (wanted: string): number =>
        changes
          .filter(({ action }) => action === wanted)
          .reduce((sum, { recordSet }) => sum + (recordSet.values?.length ?? 0), 0);
      return { created: valuesOf('CREATE'), deleted: valuesOf('DELETE') };
    });
  }

  async left(): Promise<readonly JournalRecord[]> {
    return (await this.journal.entries()).flatMap(({ records }) => records);
  }

  #common() {
    const nameServers = async () => await Promise.resolve(this.#nameServers);
    return { clock: this.clock, random: systemRandom, log: this.log, nameServers };
  }

  async #obtain(
    domains: readonly Domain[],
    account: AcmeAccount,
    index: number,
    signal: AbortSignal,
  ): Promise<ObtainedCertificate> {
    const target = this.writer.zone;
    const request = {
      name: parseCertificateName(domains[0] ?? ''),
      spec: { domains, server: this.ca.directoryUrl, keyType: 'ec256' as const },
      zone: target,
      places: planChallenges(domains, target),
      profileFallback: false,
      dnsTimeoutMs: 600_000,
    };
    const ports = {
      ...this.#common(),
      writer: this.writer,
      journal: this.journal,
      orders: this.#orders,
      ledger: new CaLedger(this.ca.directoryUrl, {}, { ...this.#common(), ledgers: noLedgers }),
      keys: this.#counted<Keys>(keys),
      // Nobody's requests take as long as the others'.
      acme: this.#counted<AcmeServer>(this.ca, 50 + ((index * 37) % 300)),
    };
    return await obtainCertificate(request, await this.ca.directory(signal), account, ports, signal);
  }

  /** The port with calls that take their time, while which the clock stands still if it is that of another thread. */
  #counted<Port extends object>(port: Port, milliseconds = 0): Port {
    return new Proxy(port, {
      get: (target, member) => {
        const method: unknown = Reflect.get(target, member);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]): Promise<unknown> => {
          if (milliseconds > 0) await this.clock.sleep(milliseconds, new AbortController().signal);
          this.#atWork += 1;
          try {
            return (await Reflect.apply(method, target, given)) as unknown;
          } finally {
            this.#atWork -= 1;
          }
        };
      },
    });
  }
}

/** A CA without limits is not counted. */
const noLedgers: LedgerStore = {
  read: async () => await Promise.resolve([]),
  save: async () => {
    await Promise.resolve();
  },
};

class OrdersInMemory implements OrderStore {
  readonly #kept = new Map<string, { readonly order: PendingOrder; readonly keyPem?: string }>();

  read: OrderStore['read'] = async (name) => await Promise.resolve(this.#kept.get(name));

  async save(order: PendingOrder): Promise<void> {
    this.#kept.set(order.certificate, { order });
    await Promise.resolve();
  }

  saveKey: OrderStore['saveKey'] = async (name, keyPem) => {
    const kept = this.#kept.get(name);
    if (kept !== undefined) this.#kept.set(name, { ...kept, keyPem });
    await Promise.resolve();
  };

  remove: OrderStore['remove'] = async (name) => {
    this.#kept.delete(name);
    await Promise.resolve();
  };
}
