/** The six operations of Route 53 that the world has: how a request is read, what it needs, what it answers. */
import type { Principal } from './aws-sessions.ts';
import type { RequestContext } from './iam-policy.ts';
import { Route53Refusal } from './route53-refusal.ts';
import { type Content, child, type Element, parseRequest, textAt } from './route53-xml.ts';
import { BatchRefused } from './zone-batch.ts';
import { InvalidInput, lengthViolation, validationError } from './zone-constraints.ts';
import { compareNames, compareText, FatalProblem, normalizeName } from './zone-names.ts';
import type { Change, CidrRoutingConfig, RecordSet } from './zone-records.ts';
import { type AcceptedChange, type HostedZone, NoSuchHostedZone, type ZoneStore } from './zone-store.ts';
import { recordTypes } from './zone-values.ts';

export type OperationName =
  | 'ChangeResourceRecordSets'
  | 'GetChange'
  | 'GetHostedZone'
  | 'ListHostedZones'
  | 'ListHostedZonesByName'
  | 'ListResourceRecordSets';

export interface HttpCall {
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Which operation a request line is for, and the id in its path. */
export interface Route {
  readonly operation: OperationName;
  /** Of the hosted zone or the change; empty if the operation has none. */
  readonly id: string;
}

const routes: readonly (readonly [string, RegExp, OperationName])[] = [
  ['POST', /^\/2013-04-01\/hostedzone\/(.+?)\/rrset\/?$/, 'ChangeResourceRecordSets'],
  ['GET', /^\/2013-04-01\/hostedzone\/(.+?)\/rrset\/?$/, 'ListResourceRecordSets'],
  ['GET', /^\/2013-04-01\/hostedzone\/([^/]+)\/?$/, 'GetHostedZone'],
  ['GET', /^\/2013-04-01\/hostedzone\/?$/, 'ListHostedZones'],
  ['GET', /^\/2013-04-01\/hostedzonesbyname\/?$/, 'ListHostedZonesByName'],
  ['GET', /^\/2013-04-01\/change\/(.+?)\/?$/, 'GetChange'],
];

export function routeOf(method: string, path: string): Route | undefined {
  for (const [routeMethod, pattern, operation] of routes) {
    const match = method === routeMethod ? pattern.exec(path) : null;
    if (match !== null) return { operation, id: decodeURIComponent(match[1] ?? '') };
  }
  return undefined;
}

/** A request that was understood: what the caller must be allowed, and how it is carried out. */
export interface Prepared {
  /** For IAM; `*` if the operation has no resource. */
  readonly resource: string;
  readonly context: RequestContext;
  /** Only of ChangeResourceRecordSets. */
  readonly changes: readonly Change[];
  /** Throws `Route53Refusal`. */
  readonly run: (caller: Principal) => Answer;
}

export interface Answer {
  readonly root: string;
  readonly content: Content;
}

/** Reads the request. Throws `Route53Refusal`. */
export function prepare(store: ZoneStore, { operation, id }: Route, call: HttpCall): Prepared {
  const zoneArn = `arn:aws:route53:::hostedzone/${id}`;
  const read = (resource: string, run: () => Content): Prepared => ({
    resource,
    context: {},
    changes: [],
    run: () => refusing(() => ({ root: `${operation}Response`, content: run() })),
  });
  switch (operation) {
    case 'ChangeResourceRecordSets':
      return prepareChange(store, id, zoneArn, call.body);
    case 'GetChange':
      return read(`arn:aws:route53:::change/${id}`, () => getChange(store, id));
    case 'GetHostedZone':
      return read(zoneArn, () => getHostedZone(store, id));
    case 'ListHostedZones':
      return read('*', () => listHostedZones(store, call.query));
    case 'ListHostedZonesByName':
      return read('*', () => listHostedZonesByName(store, call.query));
    case 'ListResourceRecordSets':
      return read(zoneArn, () => listResourceRecordSets(store, id, call.query));
  }
}

/** The refusals of zone and store as Route 53 answers them. */
function refusing<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof InvalidInput) throw new Route53Refusal(400, 'InvalidInput', error.message);
    if (error instanceof FatalProblem) throw new Route53Refusal(400, 'InvalidInput', error.message);
    if (error instanceof BatchRefused) {
      throw new Route53Refusal(400, 'InvalidChangeBatch', error.message, error.messages);
    }
    if (error instanceof NoSuchHostedZone) throw new Route53Refusal(404, 'NoSuchHostedZone', error.message);
    throw error;
  }
}

// ---- ChangeResourceRecordSets ----

function prepareChange(store: ZoneStore, zoneId: string, resource: string, body: string): Prepared {
  const request = parseRequest(body, 'ChangeResourceRecordSetsRequest');
  const batch = child(request, 'ChangeBatch');
  const changes = (batch === undefined ? [] : (child(batch, 'Changes')?.children ?? [])).map(toChange);
  const comment = batch === undefined ? undefined : textAt(batch, 'Comment');
  return {
    resource,
    changes,
    context: {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': changes.map(({ recordSet }) =>
        nameForIam(recordSet.name),
      ),
      'route53:ChangeResourceRecordSetsRecordTypes': changes.map(({ recordSet }) => recordSet.type),
      'route53:ChangeResourceRecordSetsActions': changes.map(({ action }) => action),
    },
    run: (caller) =>
      refusing(() => {
        checkId('hostedZoneId', zoneId);
        const change = store.change(zoneId, changes, { by: caller.arn, comment });
        return {
          root: 'ChangeResourceRecordSetsResponse',
          content: { ChangeInfo: changeInfo(change, 'PENDING') },
        };
      }),
  };
}

/** As policies are written: lower-case, octal escapes, no trailing dot. */
function nameForIam(name: string): string {
  try {
    return normalizeName(name).replace(/\.$/, '');
  } catch {
    return name.toLowerCase();
  }
}

function toChange(element: Element): Change {
  const set = child(element, 'ResourceRecordSet');
  if (set === undefined) throw new Error('The schema lets no Change without ResourceRecordSet through.');
  const values = child(set, 'ResourceRecords')?.children.map((record) => textAt(record, 'Value') ?? '');
  const alias = child(set, 'AliasTarget');
  const geoLocation = child(set, 'GeoLocation');
  return {
    action: textAt(element, 'Action') ?? '',
    recordSet: {
      name: textAt(set, 'Name') ?? '',
      type: textAt(set, 'Type') ?? '',
      setIdentifier: textAt(set, 'SetIdentifier'),
      weight: numberAt(set, 'Weight'),
      region: textAt(set, 'Region'),
      geoLocation:
        geoLocation === undefined
          ? undefined
          : {
              continentCode: textAt(geoLocation, 'ContinentCode'),
              countryCode: textAt(geoLocation, 'CountryCode'),
              subdivisionCode: textAt(geoLocation, 'SubdivisionCode'),
            },
      failover: textAt(set, 'Failover'),
      multiValueAnswer: booleanAt(set, 'MultiValueAnswer'),
      ttl: numberAt(set, 'TTL'),
      values,
      aliasTarget:
        alias === undefined
          ? undefined
          : {
              hostedZoneId: textAt(alias, 'HostedZoneId') ?? '',
              dnsName: textAt(alias, 'DNSName') ?? '',
              evaluateTargetHealth: booleanAt(alias, 'EvaluateTargetHealth') ?? false,
            },
      healthCheckId: textAt(set, 'HealthCheckId'),
      cidrRoutingConfig: toCidr(child(set, 'CidrRoutingConfig')),
    },
  };
}

function toCidr(element: Element | undefined): CidrRoutingConfig | undefined {
  if (element === undefined) return undefined;
  return {
    collectionId: textAt(element, 'CollectionId') ?? '',
    locationName: textAt(element, 'LocationName') ?? '',
  };
}

function numberAt(element: Element, name: string): number | undefined {
  const text = textAt(element, name);
  return text === undefined ? undefined : Number(text);
}

function booleanAt(element: Element, name: string): boolean | undefined {
  const text = textAt(element, name)?.trim();
  return text === undefined ? undefined : ['true', '1'].includes(text);
}

function changeInfo(change: AcceptedChange, status: string): Content {
  return {
    Id: `/change/${change.id}`,
    Status: status,
    SubmittedAt: change.submittedAt.toISOString(),
    Comment: change.comment,
  };
}

function getChange(store: ZoneStore, id: string): Content {
  const found = store.changeStatus(id);
  if (found === undefined) {
    throw new Route53Refusal(404, 'NoSuchChange', `Could not find resource with ID: ${id}`);
  }
  return { ChangeInfo: changeInfo(found.change, found.status) };
}

// ---- hosted zones ----

function checkId(path: string, id: string): void {
  const violations = lengthViolation(id, path, 0, 32);
  if (violations.length > 0) throw validationError(violations);
}

function zoneContent(store: ZoneStore, zone: HostedZone): Content {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { Comment: zone.comment === '' ? undefined : zone.comment, PrivateZone: zone.isPrivate },
    ResourceRecordSetCount: store.records(zone.id).length,
  };
}

function getHostedZone(store: ZoneStore, id: string): Content {
  checkId('id', id);
  const zone = store.zone(id);
  if (zone === undefined) throw new NoSuchHostedZone(id);
  const servers = { NameServers: { NameServer: zone.nameServers.map((name) => name.replace(/\.$/, '')) } };
  return {
    HostedZone: zoneContent(store, zone),
    ...(zone.isPrivate
      ? { VPCs: { VPC: { VPCRegion: 'us-east-1', VPCId: 'vpc-0123456789abcdef0' } } }
      : { DelegationSet: servers }),
  };
}

function listHostedZones(store: ZoneStore, query: URLSearchParams): Content {
  const maximum = maxItems(query, 100);
  const marker = query.get('marker');
  const zones = store.zones();
  const start = marker === null ? 0 : zones.findIndex((zone) => zone.id === marker);
  if (start < 0) throw new InvalidInput(`The marker ${marker ?? ''} is not valid.`);
  const next = zones[start + maximum];
  return {
    HostedZones: { HostedZone: zones.slice(start, start + maximum).map((zone) => zoneContent(store, zone)) },
    Marker: marker ?? undefined,
    IsTruncated: next !== undefined,
    NextMarker: next?.id,
    MaxItems: maximum,
  };
}

/** Positions: from the first zone that is not before the wanted name on. */
function listHostedZonesByName(store: ZoneStore, query: URLSearchParams): Content {
  const maximum = maxItems(query, 100);
  const [dnsName, zoneId] = [query.get('dnsname'), query.get('hostedzoneid')];
  if (dnsName === null && zoneId !== null) throw new InvalidInput('');
  const start = dnsName === null || dnsName === '' ? undefined : normalizeName(dnsName);
  const zones = [...store.zones()]
    .sort((a, b) => compareNames(a.name, b.name) || compareText(a.id, b.id))
    .filter((zone) => {
      const order = start === undefined ? 1 : compareNames(zone.name, start);
      return order > 0 || (order === 0 && (zoneId === null || zone.id >= zoneId));
    });
  const next = zones[maximum];
  return {
    HostedZones: { HostedZone: zones.slice(0, maximum).map((zone) => zoneContent(store, zone)) },
    DNSName: dnsName ?? undefined,
    HostedZoneId: zoneId ?? undefined,
    IsTruncated: next !== undefined,
    NextDNSName: next?.name,
    NextHostedZoneId: next?.id,
    MaxItems: maximum,
  };
}

// ---- ListResourceRecordSets ----

/** Positions too: from the first set that is not before the wanted name, type and identifier on. */
function listResourceRecordSets(store: ZoneStore, zoneId: string, query: URLSearchParams): Content {
  checkId('hostedZoneId', zoneId);
  const maximum = maxItems(query, 300);
  const start = startOf(query);
  const sets = store.records(zoneId).filter((set) => !isBefore(set, start));
  const next = sets[maximum];
  return {
    ResourceRecordSets: { ResourceRecordSet: sets.slice(0, maximum).map(recordSetContent) },
    IsTruncated: next !== undefined,
    NextRecordName: next?.name,
    NextRecordType: next?.type,
    NextRecordIdentifier: next?.setIdentifier,
    MaxItems: maximum,
  };
}

interface Position {
  readonly name?: string;
  readonly type?: string;
  readonly setIdentifier?: string;
}

function startOf(query: URLSearchParams): Position {
  const [name, type, identifier] = [query.get('name'), query.get('type'), query.get('identifier')];
  // AWS says no more than the code.
  if ((type !== null && name === null) || (identifier !== null && type === null)) throw new InvalidInput('');
  if (type !== null && !recordTypes.some((known) => known === type)) {
    throw validationError([
      `Value '${type}' at 'type' failed to satisfy constraint: Member must satisfy enum value set: ` +
        `[${recordTypes.join(', ')}]`,
    ]);
  }
  return {
    ...(name === null ? {} : { name: normalizeName(name) }),
    ...(type === null ? {} : { type }),
    ...(identifier === null ? {} : { setIdentifier: identifier }),
  };
}

function isBefore(set: RecordSet, start: Position): boolean {
  if (start.name === undefined) return false;
  const order =
    compareNames(set.name, start.name) ||
    compareText(set.type, start.type ?? set.type) ||
    compareText(set.setIdentifier ?? '', start.setIdentifier ?? '');
  return order < 0;
}

function recordSetContent(set: RecordSet): Content {
  const { geoLocation, aliasTarget, cidrRoutingConfig: cidr } = set;
  return {
    Name: set.name,
    Type: set.type,
    SetIdentifier: set.setIdentifier,
    Weight: set.weight,
    Region: set.region,
    GeoLocation:
      geoLocation === undefined
        ? undefined
        : {
            ContinentCode: geoLocation.continentCode,
            CountryCode: geoLocation.countryCode,
            SubdivisionCode: geoLocation.subdivisionCode,
          },
    Failover: set.failover,
    MultiValueAnswer: set.multiValueAnswer,
    TTL: set.ttl,
    ResourceRecords:
      aliasTarget === undefined
        ? { ResourceRecord: set.values.map((value) => ({ Value: value })) }
        : undefined,
    AliasTarget:
      aliasTarget === undefined
        ? undefined
        : {
            HostedZoneId: aliasTarget.hostedZoneId,
            DNSName: aliasTarget.dnsName,
            EvaluateTargetHealth: aliasTarget.evaluateTargetHealth,
          },
    HealthCheckId: set.healthCheckId,
    CidrRoutingConfig:
      cidr === undefined ? undefined : { CollectionId: cidr.collectionId, LocationName: cidr.locationName },
  };
}

function maxItems(query: URLSearchParams, maximum: number): number {
  const text = query.get('maxitems');
  if (text === null) return maximum;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) {
    throw new InvalidInput(`The value of maxitems is not valid: ${text}`);
  }
  return Math.min(Number(text), maximum);
}
