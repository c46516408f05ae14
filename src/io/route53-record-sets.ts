import { ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { type DnsName, parseListedName } from '../core/names.ts';
import type { ForeignRouting, TxtRecordSet } from '../core/record-set.ts';
import { complete } from './route53-answers.ts';
import type { Route53Calls } from './route53-calls.ts';

/** A name can have 100 sets with set identifiers; other names may follow, and cost nothing. */
const MaxItems = 100;

/**
 * Every TXT record set at exactly this name, several if they carry set identifiers, PENDING changes included. The
 * name is where the list starts, not a filter.
 */
export async function listRecordSets(
  { client, call }: Route53Calls,
  zoneId: string,
  name: DnsName,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  const found: TxtRecordSet[] = [];
  for (let StartRecordIdentifier: string | undefined, goesOn = true; goesOn; ) {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: name,
      StartRecordType: 'TXT',
      StartRecordIdentifier,
      MaxItems,
    });
    const page = await call({ name: 'ListResourceRecordSets', zoneId }, signal, async (sending) => {
      const output = await client.send(command, sending);
      return { ...output, sets: setsAt(name, output.ResourceRecordSets) };
    });
    found.push(...page.sets);
    StartRecordIdentifier = page.NextRecordIdentifier;
    goesOn =
      page.IsTruncated === true &&
      page.NextRecordType === 'TXT' &&
      parseListedName(page.NextRecordName ?? '') === name;
  }
  return found;
}

function setsAt(name: DnsName, listed: readonly ResourceRecordSet[] | undefined): readonly TxtRecordSet[] {
  return complete(listed, 'ResourceRecordSets')
    .filter((set) => set.Type === 'TXT' && parseListedName(set.Name ?? '') === name)
    .map((set) => txtRecordSet(name, set));
}

function txtRecordSet(name: DnsName, set: ResourceRecordSet): TxtRecordSet {
  const routing = routingOf(set);
  const identity = {
    name,
    ...(set.SetIdentifier === undefined ? {} : { setIdentifier: set.SetIdentifier }),
    ...(routing === undefined ? {} : { routing }),
  };
  // An alias has neither.
  if (set.AliasTarget !== undefined || set.TrafficPolicyInstanceId !== undefined)
    return { ...identity, ttl: 0, values: [] };
  return {
    ...identity,
    ttl: complete(set.TTL, 'TTL'),
    values: complete(set.ResourceRecords, 'ResourceRecords').map(({ Value }) => complete(Value, 'Value')),
  };
}

/** What makes a set one that lanacme leaves alone: a member that it could not repeat. */
const routings: readonly (readonly [keyof ResourceRecordSet, ForeignRouting])[] = [
  ['AliasTarget', 'alias'],
  ['TrafficPolicyInstanceId', 'traffic policy'],
  ['Weight', 'weighted'],
  ['Region', 'latency'],
  ['Failover', 'failover'],
  ['GeoLocation', 'geolocation'],
  ['GeoProximityLocation', 'geoproximity'],
  ['CidrRoutingConfig', 'CIDR'],
  ['HealthCheckId', 'health-checked'],
];

function routingOf(set: ResourceRecordSet): ForeignRouting | undefined {
  const routed = routings.find(([member]) => set[member] !== undefined);
  if (routed !== undefined) return routed[1];
  if (set.MultiValueAnswer === true) return undefined;
  return set.SetIdentifier === undefined ? undefined : 'unknown';
}
