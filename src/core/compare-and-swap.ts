import { refuseOtherRouting, refuseTooManySets } from './joinable.ts';
import type { JournalRecord } from './journal.ts';
import type { DnsName } from './names.ts';
import { type Change, isSameSet, type TxtRecordSet } from './record-set.ts';

/**
 * Changes that alter a set only if it still is as we read it: a DELETE that does not match fails the whole batch
 * (`reference/route53.md` §2). `sets` is all that stands at a name; nothing there is an empty list.
 */

/** Seconds, in sets that we make from nothing: what the other clients use too. Stored sets keep theirs. */
export const newSetTtl = 10;

/** Plain CREATEs, one a name: right if nobody else has a set there. */
export function createSets(records: readonly JournalRecord[]): readonly Change[] {
  const names = new Set(records.map((record) => record.name));
  return Array.from(names, (name): Change => {
    const values = records.filter((record) => record.name === name).map((record) => record.value);
    return { action: 'CREATE', set: { name, ttl: newSetTtl, values: unique(values) } };
  });
}

/**
 * Adds the values that are not there yet: into the one set, or beside sets that carry identifiers, one a value, with the
 * TTL of the group: Route 53 would change it for all of them. That nobody has changed it meanwhile is proven by a set of
 * the group that is replaced by itself; what a name server showed may have another identifier, and proves nothing.
 *
 * @throws LanacmeError `route53.other-routing`, `route53.too-many-sets`
 */
export function addValues(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly Change[] {
  if (values.length === 0) return [];
  const here = setsAt(sets, name);
  refuseOtherRouting(here, name);
  const missing = unique(values).filter((value) => !here.some((set) => set.values.includes(value)));
  const [first] = here;
  if (missing.length === 0) return [];
  if (first === undefined) return createSets(missing.map((value) => ({ name, value })));
  if (first.setIdentifier === undefined) return swap(first, [...first.values, ...missing]);
  refuseTooManySets(here, missing.length, name);
  const witness = here.find(({ isServed }) => isServed !== true);
  const ttl = (witness ?? first).ttl;
  return [
    ...(witness === undefined ? [] : swap(witness, witness.values)),
    ...missing.map(
      (value): Change => ({ action: 'CREATE', set: { name, ttl, values: [value], setIdentifier: value } }),
    ),
  ];
}

/**
 * Takes the values away wherever they stand; a set that would be empty goes. A simple set that a name server shows
 * without them is replaced by itself: if it is not what Route 53 holds by now, that is refused.
 *
 * @throws LanacmeError `route53.other-routing`
 */
export function removeValues(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly Change[] {
  const held = holding(sets, name, values);
  const unproven = setsAt(sets, name).filter((set) => isHearsay(set) && !held.includes(set));
  return [...held, ...unproven].flatMap((set) =>
    swap(
      set,
      set.values.filter((value) => !values.includes(value)),
    ),
  );
}

/**
 * Replaces the sets that hold the values by themselves: the id of this change covers the one that made them.
 *
 * @throws LanacmeError `route53.other-routing`
 */
export function touch(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly Change[] {
  return holding(sets, name, values).flatMap((set) => swap(set, set.values));
}

/** The sets after Route 53 has accepted the changes. */
export function applyChanges(
  sets: readonly TxtRecordSet[],
  changes: readonly Change[],
): readonly TxtRecordSet[] {
  return changes.reduce<readonly TxtRecordSet[]>((before, { action, set }) => {
    const others = before.filter((other) => !isSameSet(other, set));
    return action === 'DELETE' ? others : [...others, set];
  }, sets);
}

function swap(set: TxtRecordSet, values: readonly string[]): readonly Change[] {
  const remove: Change = { action: 'DELETE', set };
  return values.length === 0 ? [remove] : [remove, { action: 'CREATE', set: { ...proven(set), values } }];
}

/** Once Route 53 has accepted a swap, what a name server showed is certain. */
function proven({ name, ttl, values, setIdentifier }: TxtRecordSet): TxtRecordSet {
  return { name, ttl, values, ...(setIdentifier === undefined ? {} : { setIdentifier }) };
}

/** Another writer's value in a set of its own cannot hide ours. */
function isHearsay({ isServed, setIdentifier }: TxtRecordSet): boolean {
  return isServed === true && setIdentifier === undefined;
}

function setsAt(sets: readonly TxtRecordSet[], name: DnsName): readonly TxtRecordSet[] {
  return sets.filter((set) => set.name === name);
}

function holding(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly TxtRecordSet[] {
  const held = setsAt(sets, name).filter((set) => set.values.some((value) => values.includes(value)));
  refuseOtherRouting(held, name);
  return held;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
