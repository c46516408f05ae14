import { chooseHostedZone } from '../core/hosted-zone.ts';
import type { DnsName } from '../core/names.ts';
import type { Log, Route53 } from '../ports.ts';
import type { TargetZone } from './change-zone.ts';

export interface ZoneWanted {
  readonly zone: DnsName;
  /** Bare; saves the look-up and the right to list zones. */
  readonly zoneId?: string;
  readonly aliases: readonly string[];
}

/** The hosted zone to write to: by its id if that is configured, else the one public zone of that name. */
export async function findZone(
  wanted: ZoneWanted,
  ports: { readonly route53: Route53; readonly log: Log },
  signal: AbortSignal,
): Promise<TargetZone> {
  const { zone, aliases } = wanted;
  if (wanted.zoneId !== undefined) return { zone, aliases, zoneId: wanted.zoneId };
  const zoneId = chooseHostedZone(zone, await ports.route53.hostedZones(zone, signal));
  ports.log.info(`zone ${zone} is hosted zone ${zoneId} (--zone-id saves this look-up and its right)`);
  return { zone, aliases, zoneId };
}
