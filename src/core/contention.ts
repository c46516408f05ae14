import type { TxtRecordSet } from './record-set.ts';

/**
 * How hosts that renew one name at the same time keep out of each other's way. They know nothing of each other but the
 * values that they see in the set: the more there are, the longer each waits, by chance, before it asks for anything. The
 * figures are the outcome of many simulated nights (`test/flows/many-hosts.test.ts`).
 */

/** A lone host that finds one stale value of somebody else is not to be slowed down by it. */
const fewOthers = 1;
/** What one more host in the set costs each of the others, in milliseconds. */
const raceMsPerOther = 1_000;
const removalMsPerOther = 1_000;
const pollMsPerOther = 200;
const longestRaceMs = 30_000;
const longestServedRaceMs = 100_000;
/** Of more than this most are values that nobody moves. */
const mostOthers = 20;

/**
 * How many values are at the name besides ours: hosts that are in the middle of it, and what others keep there. From 20
 * on they are not counted.
 */
export function othersAt(sets: readonly TxtRecordSet[], ours: readonly string[]): number {
  const others = sets.flatMap((set) => set.values).filter((value) => !ours.includes(value));
  return Math.min(others.length, mostOthers);
}

/** Whether so many others are at the name that what we last knew of it is surely old. */
export function isCrowded(others: number): boolean {
  return others > fewOthers;
}

/**
 * Milliseconds to wait before a set is read again and written.
 *
 * @param lost how many races were lost before this one. The first usually is a set that simply is there
 * @param chance in [0, 1)
 */
export function raceDelayMs(lost: number, others: number, chance: number): number {
  if (lost === 0) return chance * raceMsPerOther;
  const ceilingMs = raceMsPerOther * Math.max(1, others) * 2 ** (lost - 1);
  return chance * Math.min(ceilingMs, longestRaceMs);
}

/**
 * The same for hosts without the right to list, for whom name servers must tell what is there. Those show a change when it
 * is INSYNC: until then every other writer builds on an old set and is refused. So there is one change in each INSYNC at
 * most, and who asks oftener has only more refusals.
 *
 * @param chance in [0, 1)
 */
export function servedRaceDelayMs(chance: number): number {
  return chance * longestServedRaceMs;
}

/** Milliseconds before a removal: it is in nobody's way, and those who still have to add their value go first. */
export function removalDelayMs(others: number, chance: number): number {
  return isCrowded(others) ? chance * others * removalMsPerOther : 0;
}

/**
 * Milliseconds before the next GetChange. Soon once, since a change often is INSYNC within seconds; then sparing of the
 * account's requests, which many share where many are in the set.
 *
 * @param poll how often it has been asked
 */
export function pollDelayMs(poll: number, others: number): number {
  if (poll === 0) return isCrowded(others) ? 8_000 : 1_000;
  return 4_000 + (isCrowded(others) ? others * pollMsPerOther : 0);
}
