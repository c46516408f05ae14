import type { BatchRefusal } from './batch-refusal.ts';
import { newSetTtl } from './compare-and-swap.ts';
import type { DnsName } from './names.ts';
import type { TxtRecordSet } from './record-set.ts';

/**
 * What stands at a name whose record sets may not be listed. Nobody tells it whole: a refusal tells the style and
 * whether a set is there, a name server tells values and TTL but may be behind. Each answer here is a conjecture that
 * the next compare-and-swap proves or refutes, so a wrong one costs a request and never a value.
 */

/** What a refused batch has shown about one name. */
export interface Refuted {
  readonly name: DnsName;
  /** What the batch took to stand there; absent if nothing was known. */
  readonly assumed: readonly TxtRecordSet[] | undefined;
  /** What the batch should have led to: our values, Route 53's texts. */
  readonly wanted: { readonly add: readonly string[]; readonly remove: readonly string[] };
  /** Those about this name. */
  readonly refusals: readonly BatchRefusal[];
}

/** What a name server answers: values as Route 53 spells them, and the stored TTL in seconds. */
export interface Served {
  readonly values: readonly string[];
  readonly ttl: number;
}

/** Both styles were refused at the name, one after the other. Told by its identity. */
const refusedInBothStyles: readonly TxtRecordSet[] = Object.freeze([]);

/**
 * The sets that explain the refusals; nothing if that takes values or a TTL that `served` does not have, or if it shows
 * what was just refuted. Without `served`, what is certain without asking anybody.
 */
export function conjecture(refuted: Refuted, served?: Served): readonly TxtRecordSet[] | undefined {
  const kinds = new Set(refuted.refusals.map(({ kind }) => kind));
  if (isMultivalue(refuted.assumed)) {
    // A simple set has come, or it never was this style: a plain CREATE will tell.
    return kinds.has('other-style') ? refusedInBothStyles : multivalueSets(refuted, served);
  }
  if (kinds.has('other-style')) {
    return refuted.assumed === refusedInBothStyles ? foreignSets(refuted) : multivalueSets(refuted, served);
  }
  if (kinds.has('exists') || kinds.has('values-differ')) return simpleSet(refuted, served);
  return withoutSimpleSet(refuted, served);
}

/** When waiting for the name servers is over: what they show, or nothing. Route 53 refuses it once more if it is wrong. */
export function lastConjecture(refuted: Refuted, served: Served | undefined): readonly TxtRecordSet[] {
  if (isMultivalue(refuted.assumed)) return refuted.assumed ?? [];
  return served === undefined ? [] : [{ name: refuted.name, ...served, isServed: true }];
}

function isMultivalue(sets: readonly TxtRecordSet[] | undefined): boolean {
  return sets?.some(({ setIdentifier }) => setIdentifier !== undefined) === true;
}

function simpleSet(
  { name, assumed }: Refuted,
  served: Served | undefined,
): readonly TxtRecordSet[] | undefined {
  if (served === undefined || assumed?.some((set) => isServedAs(set, served)) === true) return undefined;
  return [{ name, ...served, isServed: true }];
}

/** Name servers answer in any order. */
function isServedAs(set: TxtRecordSet, { values, ttl }: Served): boolean {
  return set.ttl === ttl && set.values.toSorted().join('\n') === values.toSorted().join('\n');
}

/** No simple set is there to take our values from: they are gone, or stand in sets of their own. */
function withoutSimpleSet({ name, wanted }: Refuted, served: Served | undefined): readonly TxtRecordSet[] {
  const ttl = served?.ttl ?? newSetTtl;
  return wanted.remove.map((value) => ownSet(name, ttl, value));
}

/**
 * Ours are those that Route 53 has not denied. Another TTL than the group's would change it for everybody, so none is
 * made before the TTL is known.
 */
function multivalueSets(refuted: Refuted, served: Served | undefined): readonly TxtRecordSet[] | undefined {
  const { name, wanted } = refuted;
  const ours = [...wanted.add, ...wanted.remove];
  const present = ours.filter((value) => isPresent(value, refuted, served));
  const ttl = groupTtl(refuted, served);
  if (ttl === undefined) return present.length === 0 && wanted.add.length === 0 ? [] : undefined;
  const others = served?.values.filter((value) => !ours.includes(value)) ?? [];
  return [
    ...present.map((value) => ownSet(name, ttl, value)),
    ...others.map((value): TxtRecordSet => ({ ...ownSet(name, ttl, value), isServed: true })),
  ];
}

function isPresent(value: string, { assumed, refusals }: Refuted, served: Served | undefined): boolean {
  const refusal = refusals.find(({ setIdentifier }) => setIdentifier === value)?.kind;
  if (refusal === 'not-found') return false;
  const isAssumed = assumed?.some(({ setIdentifier }) => setIdentifier === value) === true;
  return refusal === 'exists' || isAssumed || served?.values.includes(value) === true;
}

/** Nothing while the TTL that was refuted is the only one that anybody knows. */
function groupTtl({ assumed, refusals }: Refuted, served: Served | undefined): number | undefined {
  const old = assumed?.find(({ setIdentifier }) => setIdentifier !== undefined)?.ttl;
  const isRefuted = refusals.some(({ kind }) => kind === 'values-differ');
  return isRefuted && (served === undefined || served.ttl === old) ? undefined : (served?.ttl ?? old);
}

/** In cert-manager's style, and ours: the identifier is the value. */
function ownSet(name: DnsName, ttl: number, value: string): TxtRecordSet {
  return { name, ttl, values: [value], setIdentifier: value };
}

function foreignSets({ name }: Refuted): readonly TxtRecordSet[] {
  return [{ name, ttl: 0, values: [], routing: 'unknown' }];
}
