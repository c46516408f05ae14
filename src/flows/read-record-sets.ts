import { quoteStrings } from '../core/challenge-value.ts';
import type { DnsName } from '../core/names.ts';
import type { TxtRecordSet } from '../core/record-set.ts';
import { LanacmeError } from '../errors.ts';
import type { NameServers, Route53 } from '../ports.ts';

export interface ReadPorts {
  readonly route53: Route53;
  /** Loaded only when a name server must be asked. */
  readonly nameServers: () => Promise<NameServers>;
}

/**
 * What is at the name: from Route 53, whose answer includes changes still PENDING; without the right to list, from an
 * authoritative name server, whose TTL is the stored one (`reference/route53.md` §8).
 */
export async function readRecordSets(
  name: DnsName,
  zone: { readonly zone: DnsName; readonly zoneId: string },
  ports: ReadPorts,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  try {
    return await ports.route53.recordSets(zone.zoneId, name, signal);
  } catch (error) {
    if (!(error instanceof LanacmeError) || error.code !== 'route53.access-denied') throw error;
    return await readFromNameServers(name, zone.zone, await ports.nameServers(), error, signal);
  }
}

async function readFromNameServers(
  name: DnsName,
  zone: DnsName,
  nameServers: NameServers,
  denied: LanacmeError,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  for (const server of await nameServers.of(zone, signal)) {
    const answer = await nameServers.txt(server, name, signal);
    if (answer.kind !== 'answered' || !answer.authoritative) continue;
    if (answer.ttl === undefined || answer.values.length === 0) return [];
    return [{ name, ttl: answer.ttl, values: answer.values.map(quoteStrings) }];
  }
  throw new LanacmeError(
    'dns.unreachable',
    `${name} has values already, and no name server of ${zone} tells which`,
    {
      hint: "let the host reach the zone's name servers on port 53, or allow route53:ListResourceRecordSets on the zone",
      cause: denied,
    },
  );
}
