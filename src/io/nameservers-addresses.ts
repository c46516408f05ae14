import { lookup, NODATA, NOTFOUND, type Resolver } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { DnsName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { NameServer } from '../ports.ts';

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * `host`, `host:port`, an IPv4 address with or without port, an IPv6 address bare or as `[address]:port`.
 *
 * @throws LanacmeError `config.invalid-value`.
 */
export function parseNameServer(text: string): HostAndPort {
  if (isIPv6(text)) return { host: text, port: 53 };
  const [, bracketed, plain, digits = '53'] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  const isHost = host !== undefined && (bracketed === undefined || isIPv6(bracketed));
  if (isHost && port >= 1 && port <= 65_535) return { host, port };
  throw new LanacmeError('config.invalid-value', `'${text.slice(0, 300)}' is not a name server`, {
    hint: 'write it as host, host:port or [IPv6 address]:port',
    outcome: 'usage',
  });
}

/** Every address of a configured server; names are looked up as the host does it, `/etc/hosts` included. */
export async function configuredAddresses({ host, port }: HostAndPort): Promise<readonly NameServer[]> {
  if (isIP(host) !== 0) return [{ host, address: host, port }];
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => ({ host, address, port }));
}

/** Every address of every name server that the zone's NS set names. */
export async function delegatedAddresses(zone: DnsName, resolver: Resolver): Promise<readonly NameServer[]> {
  const hosts = await resolver.resolveNs(zone);
  const servers = await Promise.all(hosts.map(async (host) => await addressesOf(host, resolver)));
  return servers.flat();
}

/** Every address of every name server of the closest zone that holds the name: a zone cut is where the NS sets are. */
export async function enclosingAddresses(name: DnsName, resolver: Resolver): Promise<readonly NameServer[]> {
  for (let zone: string = name; zone.includes('.'); zone = zone.slice(zone.indexOf('.') + 1)) {
    const servers = await delegatedAddresses(zone as DnsName, resolver).catch(unlessAbsent);
    if (servers.length > 0) return servers;
  }
  return [];
}

/** No such name, or no NS set there: the zone is one further up. */
function unlessAbsent(error: unknown): readonly NameServer[] {
  if (error instanceof Error && 'code' in error && (error.code === NODATA || error.code === NOTFOUND))
    return [];
  throw error;
}

/** A server without addresses of one family, or of any, leaves the others to ask. */
async function addressesOf(host: string, resolver: Resolver): Promise<readonly NameServer[]> {
  const families = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return families.flatMap((family) =>
    family.status === 'fulfilled' ? family.value.map((address) => ({ host, address, port: 53 })) : [],
  );
}
