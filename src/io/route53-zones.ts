import {
  type HostedZone as ListedZone,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
} from '@aws-sdk/client-route-53';
import { type DnsName, parseListedName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { HostedZone } from '../ports.ts';
import { bareId, complete } from './route53-answers.ts';
import type { Route53Calls } from './route53-calls.ts';

/** The largest page of both lists. */
const MaxItems = 100;

/** Every hosted zone with exactly this name, public or private. Either of the two rights to list will do. */
export async function listHostedZones(
  calls: Route53Calls,
  name: DnsName,
  signal: AbortSignal,
): Promise<readonly HostedZone[]> {
  try {
    return await listFromName(calls, name, signal);
  } catch (error) {
    if (!(error instanceof LanacmeError) || error.code !== 'route53.access-denied') throw error;
    return await listAll(calls, name, signal);
  }
}

/** The name is where the list starts, not a filter: zones of later names follow, or come alone if there is none of this. */
async function listFromName(
  { client, call }: Route53Calls,
  name: DnsName,
  signal: AbortSignal,
): Promise<readonly HostedZone[]> {
  const found: HostedZone[] = [];
  for (let HostedZoneId: string | undefined, goesOn = true; goesOn; ) {
    const command = new ListHostedZonesByNameCommand({ DNSName: name, HostedZoneId, MaxItems });
    const page = await call({ name: 'ListHostedZonesByName' }, signal, async (sending) => {
      const output = await client.send(command, sending);
      return { ...output, zones: zonesNamed(name, output.HostedZones) };
    });
    found.push(...page.zones);
    HostedZoneId = page.NextHostedZoneId;
    goesOn = page.IsTruncated === true && parseListedName(page.NextDNSName ?? '') === name;
  }
  return found;
}

async function listAll(
  { client, call }: Route53Calls,
  name: DnsName,
  signal: AbortSignal,
): Promise<readonly HostedZone[]> {
  const found: HostedZone[] = [];
  for (let Marker: string | undefined, goesOn = true; goesOn; goesOn = Marker !== undefined) {
    const command = new ListHostedZonesCommand({ Marker, MaxItems });
    const page = await call({ name: 'ListHostedZones' }, signal, async (sending) => {
      const output = await client.send(command, sending);
      return { ...output, zones: zonesNamed(name, output.HostedZones) };
    });
    found.push(...page.zones);
    Marker = page.IsTruncated === true ? page.NextMarker : undefined;
  }
  return found;
}

function zonesNamed(name: DnsName, listed: readonly ListedZone[] | undefined): readonly HostedZone[] {
  return complete(listed, 'HostedZones')
    .filter((zone) => parseListedName(zone.Name ?? '') === name)
    .map((zone) => ({ id: bareId(zone.Id), name, isPrivate: zone.Config?.PrivateZone === true }));
}
