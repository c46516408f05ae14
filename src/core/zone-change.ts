import type { BatchRefusal } from './batch-refusal.ts';
import { addValues, applyChanges, createSets, removeValues, touch } from './compare-and-swap.ts';
import type { JournalRecord } from './journal.ts';
import type { DnsName } from './names.ts';
import { type Change, isSameSet, type TxtRecordSet } from './record-set.ts';

/** Whether our values shall be in the zone or not. */
export type ZoneGoal = 'present' | 'absent';

/** What the names are known to hold. A name that is missing has not been read: it is taken to hold nothing of others. */
export type KnownSets = ReadonlyMap<DnsName, readonly TxtRecordSet[]>;

/** What one order wants of the zone. */
export interface ZoneWish {
  readonly goal: ZoneGoal;
  /** Ours: journalled. */
  readonly records: readonly JournalRecord[];
}

/**
 * The changes that fulfil all wishes together, from what is known: those at one name meet in one swap of its set.
 * Nothing is read before the zone has refused a first guess (design §5): a plain CREATE when adding, and when removing
 * exactly the set that such a CREATE made.
 */
export function planZoneChange(wishes: readonly ZoneWish[], known: KnownSets): readonly Change[] {
  return [...valuesByName(wishes)].flatMap(([name, values]) => planAt(name, values, known.get(name)));
}

/** What is wanted at one name. A value that one order still needs stays, although another is done with it. */
export interface WantedValues {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export function valuesByName(wishes: readonly ZoneWish[]): ReadonlyMap<DnsName, WantedValues> {
  const byName = new Map<DnsName, { readonly add: Set<string>; readonly remove: Set<string> }>();
  for (const { goal, records } of wishes) {
    for (const { name, value } of records) {
      const here = byName.get(name) ?? { add: new Set(), remove: new Set() };
      byName.set(name, here);
      (goal === 'present' ? here.add : here.remove).add(value);
    }
  }
  return new Map(
    Array.from(byName, ([name, { add, remove }]) => [
      name,
      { add: [...add], remove: [...remove].filter((value) => !add.has(value)) },
    ]),
  );
}

/** The changes at one name; `sets` is all that is known to stand there. */
export function planAt(
  name: DnsName,
  { add, remove }: WantedValues,
  sets: readonly TxtRecordSet[] | undefined,
): readonly Change[] {
  const before = sets ?? setsOf(createSets(remove.map((value) => ({ name, value }))));
  // Added first: a set that only changes hands is swapped and keeps its TTL.
  const joined = applyChanges(before, addValues(before, name, add));
  const after = remove.length === 0 ? joined : applyChanges(joined, removeValues(joined, name, remove));
  const changes = changesBetween(before, after);
  // All there already, but no change id is known: the same set again gives one whose INSYNC covers ours.
  return changes.length > 0 ? changes : touch(before, name, add);
}

function setsOf(changes: readonly Change[]): readonly TxtRecordSet[] {
  return changes.map(({ set }) => set);
}

/** What turns the sets of a name into others, each set that differs by a swap. */
function changesBetween(before: readonly TxtRecordSet[], after: readonly TxtRecordSet[]): readonly Change[] {
  const isMissingIn = (sets: readonly TxtRecordSet[]) => (set: TxtRecordSet) =>
    !sets.some((other) => isSameSet(other, set));
  const swapped = before.flatMap((set): readonly Change[] => {
    const now = after.find((other) => isSameSet(other, set));
    if (now === set) return [];
    const deleted: Change = { action: 'DELETE', set };
    return now === undefined ? [deleted] : [deleted, { action: 'CREATE', set: now }];
  });
  const made = after.filter(isMissingIn(before)).map((set): Change => ({ action: 'CREATE', set }));
  return [...swapped, ...made];
}

export function recordNames(records: readonly { readonly name: DnsName }[]): readonly DnsName[] {
  return [...new Set(records.map((record) => record.name))];
}

/**
 * A refused batch means one of two things: somebody else holds or changed a set (read those names again), or the
 * zone will never take it (the refusals to report).
 */
export function judgeRefusal(
  refusals: readonly BatchRefusal[],
  names: readonly DnsName[],
):
  | { readonly kind: 'read-again'; readonly names: readonly DnsName[] }
  | { readonly kind: 'final'; readonly refusals: readonly BatchRefusal[] } {
  const final = refusals.filter((refusal) => !isRace(refusal));
  if (final.length > 0 || refusals.length === 0) return { kind: 'final', refusals: final };
  const named = refusals.flatMap((refusal) => (refusal.name === undefined ? [] : [refusal.name]));
  const ours = names.filter((name) => named.includes(name));
  return { kind: 'read-again', names: ours.length > 0 ? ours : names };
}

function isRace(refusal: BatchRefusal): boolean {
  switch (refusal.kind) {
    case 'exists':
    case 'not-found':
    case 'values-differ':
    case 'other-style':
      return true;
    case 'cname-in-the-way':
    case 'outside-zone':
    case 'too-large':
    case 'malformed':
    case 'other':
      return false;
  }
}
