/** Record sets and changes: the plain data that the zone store, the API and the DNS server share. */
import type { RecordType } from './zone-values.ts';

export interface AliasTarget {
  readonly hostedZoneId: string;
  readonly dnsName: string;
  readonly evaluateTargetHealth: boolean;
}

export interface GeoLocation {
  readonly continentCode?: string | undefined;
  readonly countryCode?: string | undefined;
  readonly subdivisionCode?: string | undefined;
}

export interface CidrRoutingConfig {
  readonly collectionId: string;
  readonly locationName: string;
}

/** What a record set has besides name and type, in the order in which the API writes it. */
interface RecordSetBody {
  readonly setIdentifier?: string | undefined;
  readonly weight?: number | undefined;
  readonly region?: string | undefined;
  readonly geoLocation?: GeoLocation | undefined;
  readonly failover?: string | undefined;
  readonly multiValueAnswer?: boolean | undefined;
  readonly ttl?: number | undefined;
  readonly aliasTarget?: AliasTarget | undefined;
  readonly healthCheckId?: string | undefined;
  readonly cidrRoutingConfig?: CidrRoutingConfig | undefined;
}

/** A record set as a request has it: nothing checked yet. */
export interface RecordSetInput extends RecordSetBody {
  readonly name: string;
  readonly type: string;
  /** The `Value` texts, quotes and escapes included. */
  readonly values?: readonly string[] | undefined;
}

/** A record set in a zone: its name normalised, its values as they were written. */
export interface RecordSet extends RecordSetBody {
  readonly name: string;
  readonly type: RecordType;
  readonly values: readonly string[];
}

export interface Change {
  /** `CREATE`, `DELETE` or `UPSERT`; anything else is refused. */
  readonly action: string;
  readonly recordSet: RecordSetInput;
}

/** The record sets of a zone by `keyOf`. Never changed in place. */
export type ZoneRecords = ReadonlyMap<string, RecordSet>;

/** What makes a record set one: name, type and set identifier. */
export function keyOf(set: Pick<RecordSet, 'name' | 'type' | 'setIdentifier'>): string {
  return `${set.name} ${set.type} ${set.setIdentifier ?? ''}`;
}

export type Routing =
  | 'simple'
  | 'weighted'
  | 'latency'
  | 'geolocation'
  | 'failover'
  | 'multivalue answer'
  | 'CIDR';

/** The routing members that a set carries; more than one is refused. */
export function routingMembers(set: RecordSetBody): readonly Routing[] {
  const members: Routing[] = [];
  if (set.weight !== undefined) members.push('weighted');
  if (set.region !== undefined) members.push('latency');
  if (set.failover !== undefined) members.push('failover');
  if (set.geoLocation !== undefined) members.push('geolocation');
  if (set.multiValueAnswer !== undefined) members.push('multivalue answer');
  if (set.cidrRoutingConfig !== undefined) members.push('CIDR');
  return members;
}

export function routingOf(set: RecordSetBody): Routing {
  return routingMembers(set)[0] ?? 'simple';
}
