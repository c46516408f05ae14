import { Resolver } from 'node:dns/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { enclosingAddresses } from '../../src/io/nameservers-addresses.ts';
import { type DnsServer, startDns } from '../world/dns-server.ts';
import { ZoneStore } from '../world/zone-store.ts';

/** Here it stands for the resolver of the site: it tells what it knows of every zone. */
let dns: DnsServer;
beforeEach(async () => {
  const store = new ZoneStore();
  const address = (name: string, type: string, value: string) => ({ name, type, ttl: 10, values: [value] });
  store.addZone({
    name: 'home.example',
    nameServers: ['ns1.home.example', 'ns2.home.example'],
    records: [
      address('ns1.home.example', 'A', '192.0.2.1'),
      address('ns1.home.example', 'AAAA', '2001:db8::1'),
      address('ns2.home.example', 'A', '192.0.2.2'),
      address('nas.home.example', 'A', '192.0.2.10'),
    ],
  });
  dns = await startDns({ store });
});
afterEach(async () => {
  await dns.close();
});

async function find(name: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 20_000, tries: 1 });
  resolver.setServers([dns.address]);
  const servers = await enclosingAddresses(parseDnsName(name), resolver);
  return servers.map(({ host, address, port }) => `${host} ${address} ${port}`).toSorted();
}

describe('the servers of the zone that holds a name', () => {
  it.each(['home.example', 'nas.home.example', 'not.there.home.example'])(
    'are found for %s',
    async (name) => {
      expect(await find(name)).toEqual([
        'ns1.home.example 192.0.2.1 53',
        'ns1.home.example 2001:db8::1 53',
        'ns2.home.example 192.0.2.2 53',
      ]);
    },
  );

  it('are none for a top-level domain, and a resolver that refuses is told', async () => {
    expect(await find('example')).toEqual([]);
    await expect(find('other.example')).rejects.toThrow('EREFUSED');
  });
});
