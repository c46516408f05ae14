import type { BatchRefusal } from './batch-refusal.ts';
import { addValues, createSets, removeValues, touch } from './compare-and-swap.ts';
import type { JournalRecord } from './journal.ts';
import type { DnsName } from './names.ts';
import type { Change, TxtRecordSet } from './record-set.ts';

/** Whether our values shall be in the zone or not. */
export type ZoneGoal = 'present' | 'absent';

/** What the names are known to hold. A name that is missing has not been read: it is taken to hold nothing of others. */
export type KnownSets = ReadonlyMap<DnsName, readonly TxtRecordSet[]>;

/**
 * The changes that lead to the goal, from what is known. Nothing is read before the zone has refused a first guess
 * (design §5): a plain CREATE when adding, and when removing exactly the set that such a CREATE made.
 */
export function planZoneChange(
  goal: ZoneGoal,
  records: readonly JournalRecord[],
  known: KnownSets,
): readonly Change[] {
  return recordNames(records).flatMap((name) => {
    const ours = records.filter((record) => record.name === name);
    const values = ours.map((record) => record.value);
    const sets = known.get(name);
    if (goal === 'absent') return removeValues(sets ?? createSets(ours).map(({ set }) => set), name, values);
    if (sets === undefined) return createSets(ours);
    const missing = addValues(sets, name, values);
    // All there already, but no change id is known: the same set again gives one whose INSYNC covers ours.
    return missing.length > 0 ? missing : touch(sets, name, values);
  });
}

export function recordNames(records: readonly JournalRecord[]): readonly DnsName[] {
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
