import { encode } from 'dns-packet';
import type { DnsName } from '../../src/core/names.ts';
import { type DnsQuery, dnsQuery, readAnswer } from '../../src/io/nameservers-message.ts';
import type { DnsAnswer, DnsType, NameServer, NameServers, TxtAnswer } from '../../src/ports.ts';
import { lookUp } from '../world/dns-lookup.ts';
import type { ZoneStore } from '../world/zone-store.ts';
import { parseCharacterStrings } from '../world/zone-values.ts';

/**
 * Name servers that serve what is INSYNC in the zones; `answers` overrides what one of them says. Every question but
 * TXT is answered as the world's DNS server does it.
 */
export class FakeNameServers implements NameServers {
  readonly servers: NameServer[];
  /** Of whatever zone holds a name that is not in the LAN zone. */
  others: readonly NameServer[];
  readonly answers = new Map<string, TxtAnswer>();
  /** Normalised names of the zones that a host serves. Default: all. */
  readonly zonesOf = new Map<string, readonly string[]>();
  /** Called before every question but TXT is answered. */
  before: (type: DnsType, signal: AbortSignal) => Promise<void> = async () => {
    await Promise.resolve();
  };
  /** TXT questions. */
  asked = 0;
  /** Questions of other types, as `host name type`. */
  readonly questions: string[] = [];
  readonly #zones: ZoneStore;
  readonly #zoneId: string;

  constructor(zones: ZoneStore, zoneId: string, hosts: readonly string[] = ['ns1']) {
    this.#zones = zones;
    this.#zoneId = zoneId;
    this.servers = hosts.map((host) => ({ host, address: '127.0.0.1', port: 53 }));
    this.others = this.servers;
  }

  async of(): Promise<readonly NameServer[]> {
    return await Promise.resolve(this.servers);
  }

  async holding(): Promise<readonly NameServer[]> {
    return await Promise.resolve(this.others);
  }

  async txt(server: NameServer, name: DnsName): Promise<TxtAnswer> {
    await Promise.resolve();
    this.asked += 1;
    const scripted = this.answers.get(server.host);
    if (scripted !== undefined) return scripted;
    const sets = [...this.#zones.served(this.#zoneId).values()].filter(
      (set) => set.type === 'TXT' && set.name === `${name}.`,
    );
    const [first] = sets;
    if (first === undefined) return { kind: 'answered', authoritative: true, values: [] };
    const values = sets.flatMap((set) => set.values.map(stringsOf));
    return { kind: 'answered', authoritative: true, values, ttl: first.ttl ?? 0 };
  }

  async ask<T extends DnsType>(
    server: NameServer,
    name: DnsName,
    type: T,
    signal: AbortSignal,
  ): Promise<DnsAnswer<T>> {
    this.questions.push(`${server.host} ${name} ${type}`);
    await this.before(type, signal);
    const scripted = this.answers.get(server.host);
    if (scripted?.kind === 'unreachable') return scripted;
    const answer = this.#lookUp(dnsQuery(name, type), this.zonesOf.get(server.host));
    if (answer.kind === 'unreachable' || scripted === undefined) return answer;
    return { ...answer, authoritative: answer.authoritative && scripted.authoritative };
  }

  /** By way of the packet that a server would send. */
  #lookUp<T extends DnsType>(query: DnsQuery<T>, served: readonly string[] | undefined): DnsAnswer<T> {
    const { id, name, type } = query;
    const zones = this.#zones
      .zones()
      .filter((zone) => served?.includes(zone.name) ?? true)
      .map((zone) => ({ name: zone.name, records: this.#zones.served(zone.id) }));
    const found = lookUp(zones, { asked: name, name: `${name}.`, type }, () => 0);
    const rcode = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 }[found.rcode];
    const packet = encode({
      type: 'response',
      id,
      flags: (found.isAuthoritative ? 1 << 10 : 0) | rcode,
      questions: [{ name, type }],
      answers: [...found.answers],
      authorities: [...found.authorities],
    });
    const reading = readAnswer(packet, query);
    if (reading.kind === 'answered' || reading.kind === 'unreachable') return reading;
    throw new Error(`a packet that is ${reading.kind}`);
  }
}

function stringsOf(value: string): readonly string[] {
  return parseCharacterStrings(value).map((string) => string.toString('latin1'));
}
