import type { DnsName } from '../../src/core/names.ts';
import type { NameServer, NameServers, TxtAnswer } from '../../src/ports.ts';
import type { ZoneStore } from '../world/zone-store.ts';
import { parseCharacterStrings } from '../world/zone-values.ts';

/** Name servers that serve what is INSYNC in a zone; `answers` overrides what one of them says. */
export class FakeNameServers implements NameServers {
  readonly servers: NameServer[];
  readonly answers = new Map<string, TxtAnswer>();
  asked = 0;
  readonly #zones: ZoneStore;
  readonly #zoneId: string;

  constructor(zones: ZoneStore, zoneId: string, hosts: readonly string[] = ['ns1']) {
    this.#zones = zones;
    this.#zoneId = zoneId;
    this.servers = hosts.map((host) => ({ host, address: '127.0.0.1', port: 53 }));
  }

  async of(): Promise<readonly NameServer[]> {
    return await Promise.resolve(this.servers);
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
}

function stringsOf(value: string): readonly string[] {
  return parseCharacterStrings(value).map((string) => string.toString('latin1'));
}
