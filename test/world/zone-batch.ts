/**
 * What a change batch does to a zone, or why it is refused. Pure: the zone goes in, the changed zone comes out, or
 * `BatchRefused` with every message is thrown and nothing has happened.
 */
import { FatalProblem, isWithin, normalizeName } from './zone-names.ts';
import {
  type Change,
  keyOf,
  type RecordSet,
  type RecordSetInput,
  routingOf,
  type ZoneRecords,
} from './zone-records.ts';
import { checkValue, type RecordType } from './zone-values.ts';

/** InvalidChangeBatch. */
export class BatchRefused extends Error {
  readonly messages: readonly string[];
  /** Whether Route 53 puts the messages in brackets, `[…, …]`; a malformed name comes without. */
  readonly bracketed: boolean;

  constructor(messages: readonly string[], bracketed = true) {
    super(bracketed ? `[${messages.join(', ')}]` : messages.join(', '));
    this.name = 'BatchRefused';
    this.messages = messages;
    this.bracketed = bracketed;
  }
}

export interface BatchRules {
  /** Route 53 is seen to compare a DELETE's values in any order, but promises nothing: `listed` demands theirs. */
  readonly valueOrder: 'any' | 'listed';
  readonly maximumRecordSets: number;
}

interface ZoneIdentity {
  readonly id: string;
  readonly name: string;
}

interface NormalChange {
  readonly action: string;
  readonly recordSet: RecordSet;
}

/** Changes whose members and structure have been checked, in order, all or none. */
export function applyBatch(
  zone: ZoneIdentity,
  records: ZoneRecords,
  changes: readonly Change[],
  rules: BatchRules,
): ZoneRecords {
  refuseIfAny(sizeProblems(changes));
  const normal = changes.map(normalize);
  refuseIfAny(normal.flatMap((change) => setProblems(zone, change)));
  refuseIfAny(contradictions(normal));
  const next = new Map(records);
  refuseIfAny(normal.flatMap((change) => step(zone, next, change, rules)));
  refuseIfAny(zoneProblems(zone, next, rules));
  return next;
}

function refuseIfAny(messages: readonly string[]): void {
  if (messages.length > 0) throw new BatchRefused([...new Set(messages)]);
}

/** An UPSERT counts twice, both in records and in characters. */
function sizeProblems(changes: readonly Change[]): readonly string[] {
  let records = 0;
  let characters = 0;
  for (const { action, recordSet } of changes) {
    const times = action === 'UPSERT' ? 2 : 1;
    const values = recordSet.values ?? [];
    records += times * values.length;
    characters += times * values.reduce((sum, value) => sum + value.length, 0);
  }
  return [
    ...(records > 1000 ? ['Number of records limit of 1000 exceeded.'] : []),
    ...(characters > 32000 ? ['RDATA character limit of 32000 exceeded.'] : []),
  ];
}

function normalize({ action, recordSet }: Change): NormalChange {
  try {
    return { action, recordSet: toRecordSet(recordSet) };
  } catch (error) {
    if (error instanceof FatalProblem) throw new BatchRefused([error.message], false);
    throw error;
  }
}

function toRecordSet(input: RecordSetInput): RecordSet {
  // Alone of the routing members, an absent one and a false one look alike in a listing.
  const { multiValueAnswer, ...rest } = input;
  return {
    ...rest,
    ...(multiValueAnswer === true ? { multiValueAnswer } : {}),
    name: normalizeName(input.name),
    type: input.type as RecordType,
    values: input.values ?? [],
    ...(input.aliasTarget === undefined
      ? {}
      : { aliasTarget: { ...input.aliasTarget, dnsName: normalizeName(input.aliasTarget.dnsName) } }),
  };
}

/** What is wrong with a set whatever else is in the zone. */
function setProblems(zone: ZoneIdentity, { action, recordSet: set }: NormalChange): readonly string[] {
  if (!isWithin(set.name, zone.name)) {
    return [`RRSet with DNS name ${set.name} is not permitted in zone ${zone.name}`];
  }
  if (action === 'DELETE') return [];
  return [...valueProblems(set), ...placeProblems(zone, set)];
}

function valueProblems(set: RecordSet): readonly string[] {
  const messages = set.values.flatMap((value) => {
    try {
      checkValue(set.type, value);
      return [];
    } catch (error) {
      if (error instanceof FatalProblem) return [`Invalid Resource Record: ${error.message}`];
      throw error;
    }
  });
  const twice = set.values.filter((value, index) => set.values.indexOf(value) !== index);
  messages.push(...new Set(twice.map((value) => `Duplicate Resource Record: '${value}'`)));
  if (set.values.length > 400) messages.push('Cannot have more than 400 records in a RRSet.');
  if (['CNAME', 'SOA'].includes(set.type) && set.values.length > 1) {
    messages.push(`RRSet of type ${set.type} with DNS name ${set.name} cannot have more than one record`);
  }
  return messages;
}

function placeProblems(zone: ZoneIdentity, set: RecordSet): readonly string[] {
  if (set.type === 'CNAME' && set.name === zone.name) {
    return [`RRSet of type CNAME with DNS name ${set.name} is not permitted at apex in zone ${zone.name}`];
  }
  if (set.type === 'SOA' && set.name !== zone.name) {
    return [`RRSet of type SOA with DNS name ${set.name} is only permitted at apex in zone ${zone.name}`];
  }
  if (['CNAME', 'NS'].includes(set.type) && set.multiValueAnswer === true) {
    return [`RRSet of type ${set.type} with DNS name ${set.name} cannot be a multivalue answer rrset`];
  }
  return [];
}

/** One change a set; or DELETE and then CREATE of it, which is how a set is replaced. */
function contradictions(changes: readonly NormalChange[]): readonly string[] {
  const actions = new Map<string, string[]>();
  for (const { action, recordSet } of changes) {
    const key = keyOf(recordSet);
    actions.set(key, [...(actions.get(key) ?? []), action]);
  }
  return changes
    .filter(({ recordSet }) => {
      const ofSet = actions.get(keyOf(recordSet)) ?? [];
      return ofSet.length > 1 && ofSet.join() !== 'DELETE,CREATE';
    })
    .map(
      ({ recordSet: { type, name } }) =>
        `The request contains an invalid set of changes for a resource record set '${type} ${name}'`,
    );
}

/** Does one change to the zone in the making; says what is against it. */
function step(
  zone: ZoneIdentity,
  records: Map<string, RecordSet>,
  { action, recordSet: set }: NormalChange,
  rules: BatchRules,
): readonly string[] {
  const key = keyOf(set);
  const present = records.get(key);
  if (action === 'DELETE') {
    if (present === undefined)
      return [`Tried to delete resource record set ${tell(set)} but it was not found`];
    if (!matches(set, present, rules)) {
      return [
        `Tried to delete resource record set ${tell(set)} but the values provided do not match the current values`,
      ];
    }
    records.delete(key);
    return [];
  }
  if (action === 'CREATE' && present !== undefined) {
    return [`Tried to create resource record set ${tell(set)} but it already exists`];
  }
  const others = [...records.values()].filter((other) => other.name === set.name && keyOf(other) !== key);
  const problems = [...cnameProblems(zone, set, others), ...mixingProblems(set, others)];
  if (problems.length === 0) {
    records.set(key, set);
    shareTtl(set, others, records);
  }
  return problems;
}

/** "Route 53 changes the value of TTL for all of the records to the last value that you specified" (multivalue answer). */
function shareTtl(set: RecordSet, others: readonly RecordSet[], records: Map<string, RecordSet>): void {
  if (routingOf(set) !== 'multivalue answer') return;
  for (const other of others.filter(({ type }) => type === set.type)) {
    records.set(keyOf(other), { ...other, ttl: set.ttl });
  }
}

function tell(set: RecordSet): string {
  const identifier = set.setIdentifier === undefined ? '' : `, set-identifier='${set.setIdentifier}'`;
  return `[name='${set.name}', type='${set.type}'${identifier}]`;
}

/** Name, type and set identifier are the key; a DELETE may leave routing members out, but not differ in them. */
function matches(wanted: RecordSet, present: RecordSet, rules: BatchRules): boolean {
  const arranged = (values: readonly string[]): string =>
    JSON.stringify(rules.valueOrder === 'any' ? [...values].sort() : values);
  const given = <T>(value: T | undefined, current: T | undefined): boolean =>
    value === undefined || JSON.stringify(value) === JSON.stringify(current);
  return (
    wanted.ttl === present.ttl &&
    arranged(wanted.values) === arranged(present.values) &&
    JSON.stringify(wanted.aliasTarget) === JSON.stringify(present.aliasTarget) &&
    given(wanted.weight, present.weight) &&
    given(wanted.region, present.region) &&
    given(wanted.geoLocation, present.geoLocation) &&
    given(wanted.failover, present.failover) &&
    given(wanted.multiValueAnswer, present.multiValueAnswer) &&
    given(wanted.healthCheckId, present.healthCheckId) &&
    given(wanted.cidrRoutingConfig, present.cidrRoutingConfig)
  );
}

function cnameProblems(zone: ZoneIdentity, set: RecordSet, others: readonly RecordSet[]): readonly string[] {
  const ofOtherType = others.filter((other) => other.type !== set.type);
  if (set.type === 'CNAME' && ofOtherType.length > 0) {
    return [
      `RRSet of type CNAME with DNS name ${set.name} is not permitted as it conflicts with other records ` +
        `with the same DNS name in zone ${zone.name}`,
    ];
  }
  if (ofOtherType.some((other) => other.type === 'CNAME')) {
    return [
      `RRSet of type ${set.type} with DNS name ${set.name} is not permitted because a conflicting RRSet ` +
        `of type  CNAME with the same DNS name already exists in zone ${zone.name}`,
    ];
  }
  return [];
}

/** Sets of one name and type all route in the same way. */
function mixingProblems(set: RecordSet, others: readonly RecordSet[]): readonly string[] {
  const siblings = others.filter((other) => other.type === set.type);
  const routing = routingOf(set);
  const head = `RRSet with DNS name ${set.name}, type ${set.type}`;
  const identified = `${head}, SetIdentifier ${set.setIdentifier ?? ''} cannot be created as`;
  if (siblings.some((other) => routingOf(other) !== routing)) {
    if (routing === 'simple') {
      return [`${head} cannot be created as other RRSets exist with the same name and type.`];
    }
    return routing === 'multivalue answer'
      ? [`${identified} a non multivalue answer rrset exists with the same name and type.`]
      : [`${identified} a non-${routing} set exists with the same name and type.`];
  }
  if (routing === 'weighted' && siblings.some((other) => other.ttl !== set.ttl)) {
    return [`${identified} weighted sets must contain the same TTL.`];
  }
  if (siblings.length >= 100) return [`${identified} at most 100 RRSets can have the same name and type.`];
  return [];
}

/** What holds for the zone as a whole once the batch is done. */
function zoneProblems(zone: ZoneIdentity, records: ZoneRecords, rules: BatchRules): readonly string[] {
  const problems: string[] = [];
  if (!records.has(keyOf({ name: zone.name, type: 'SOA' }))) {
    problems.push('A HostedZone must contain exactly one SOA record.');
  }
  if (!records.has(keyOf({ name: zone.name, type: 'NS' }))) {
    problems.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  if (records.size > rules.maximumRecordSets) {
    problems.push(`Exceeded limit MAX_RRSETS_BY_ZONE for zone: ${zone.id}`);
  }
  return problems;
}
