import type { IssueWiring, Keys } from '../ports.ts';
import { CaLedger } from './ca-ledger.ts';
import { CaSession } from './ca-session.ts';
import { findZone, type ZoneWanted } from './find-zone.ts';
import { once } from './once.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { viewZone, type ZoneView } from './zone-view.ts';
import { ZoneWriter } from './zone-writer.ts';

export type SessionPorts = Omit<IssueWiring, 'close'>;

/**
 * What all orders of a run share, each part made by whoever needs it first: one writer to the zone, whose batches carry
 * the challenges of all, one look at the zone's name servers, one account at each CA.
 */
export class OrderingSession {
  readonly zone: ZoneWanted;
  /** The zone as its name servers tell it. */
  readonly view: () => Promise<ZoneView>;
  /** Signs in at AWS, finds the hosted zone. AWS comes before the CA: what it refuses then costs no order. */
  readonly writer: () => Promise<ZoneWriter>;
  readonly keys: () => Promise<Keys>;
  readonly oneAtATime = makeOneAtATime();
  readonly #ports: SessionPorts;
  readonly #signal: AbortSignal;
  readonly #ledgers = new Map<string, CaLedger>();
  readonly #cas = new Map<string, Promise<CaSession>>();

  /** @param signal of the run */
  constructor(zone: ZoneWanted, ports: SessionPorts, signal: AbortSignal) {
    this.zone = zone;
    this.#ports = ports;
    this.#signal = signal;
    this.view = once(async () => await viewZone(zone.zone, await ports.nameServers(), signal));
    this.keys = once(async () => await ports.keys());
    this.writer = once(async () => {
      const route53 = await ports.route53();
      await route53.signIn(signal);
      ports.log.info('traded the identity of this host for AWS credentials, kept in memory only');
      return new ZoneWriter(await findZone(zone, { route53, log: ports.log }, signal), { ...ports, route53 });
    });
  }

  /** What this host did at the CA with this directory URL; nothing is asked for it. */
  ledger(directoryUrl: string): CaLedger {
    const known = this.#ledgers.get(directoryUrl);
    if (known !== undefined) return known;
    const made = new CaLedger(directoryUrl, this.#ports.limitsOf(directoryUrl), this.#ports);
    this.#ledgers.set(directoryUrl, made);
    return made;
  }

  /** The CA with this directory URL. */
  async ca(directoryUrl: string): Promise<CaSession> {
    const ca = this.#cas.get(directoryUrl) ?? this.#newCa(directoryUrl);
    this.#cas.set(directoryUrl, ca);
    return await ca;
  }

  async #newCa(directoryUrl: string): Promise<CaSession> {
    const [acme, keys] = [await this.#ports.acme(directoryUrl), await this.keys()];
    return new CaSession({ ...this.#ports, acme, keys }, this.#signal);
  }
}
