import type { JournalRecord } from './journal.ts';
import type { DnsName } from './names.ts';
import { type Change, isSameSet, type TxtRecordSet } from './record-set.ts';

/**
 * Changes that alter a set only if it still is as we read it: a DELETE that does not match fails the whole batch
 * (`reference/route53.md` §2). `sets` is all that stands at a name; nothing there is an empty list.
 */

/** Seconds, in sets that we make from nothing: what the other clients use too. Stored sets keep theirs. */
const newSetTtl = 10;

/** Plain CREATEs, one a name: right if nobody else has a set there. */
export function createSets(records: readonly JournalRecord[]): readonly Change[] {
  const names = new Set(records.map((record) => record.name));
  return Array.from(names, (name): Change => {
    const values = records.filter((record) => record.name === name).map((record) => record.value);
    return { action: 'CREATE', set: { name, ttl: newSetTtl, values: unique(values) } };
  });
}

/** Adds the values that are not there yet: into the one set, or beside sets that carry identifiers, one a value. */
export function addValues(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly Change[] {
  const here = setsAt(sets, name);
  const missing = unique(values).filter((value) => !here.some((set) => set.values.includes(value)));
  const [first] = here;
  if (missing.length === 0) return [];
  if (first === undefined) return createSets(missing.map((value) => ({ name, value })));
  if (first.setIdentifier === undefined) return swap(first, [...first.values, ...missing]);
  return missing.map((value) => ({
    action: 'CREATE',
    set: { name, ttl: first.ttl, values: [value], setIdentifier: value },
  }));
}

/** Takes the values away wherever they stand; a set that would be empty goes. */
export function removeValues(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly Change[] {
  return holding(sets, name, values).flatMap((set) =>
    swap(
      set,
      set.values.filter((value) => !values.includes(value)),
    ),
  );
}

/** Replaces the sets that hold the values by themselves: the id of this change covers the one that made them. */
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
  return values.length === 0 ? [remove] : [remove, { action: 'CREATE', set: { ...set, values } }];
}

function setsAt(sets: readonly TxtRecordSet[], name: DnsName): readonly TxtRecordSet[] {
  return sets.filter((set) => set.name === name);
}

function holding(
  sets: readonly TxtRecordSet[],
  name: DnsName,
  values: readonly string[],
): readonly TxtRecordSet[] {
  return setsAt(sets, name).filter((set) => set.values.some((value) => values.includes(value)));
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
