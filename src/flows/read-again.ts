import type { BatchRefusal } from '../core/batch-refusal.ts';
import { othersAt } from '../core/contention.ts';
import type { DnsName } from '../core/names.ts';
import type { TxtRecordSet } from '../core/record-set.ts';
import type { Refuted } from '../core/unlisted-sets.ts';
import { type KnownSets, valuesByName, type ZoneWish } from '../core/zone-change.ts';
import type { Log } from '../ports.ts';
import { allOf } from './all-of.ts';
import { type ReadPorts, readRecordSets } from './read-record-sets.ts';
import type { ZonePart } from './zone-part.ts';

interface KnownZone {
  readonly zone: DnsName;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  readonly known: Map<DnsName, readonly TxtRecordSet[]>;
}

/** What other writers were at, before us. */
export interface LostRace {
  readonly names: readonly DnsName[];
  readonly refusals: readonly BatchRefusal[];
}

/** Brings up to date what is known of the names at which other writers are. */
export async function readAgain(
  parts: readonly ZonePart[],
  { names, refusals, leftMs }: LostRace & { readonly leftMs: number },
  zone: KnownZone,
  ports: ReadPorts & { readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  ports.log.debug(`another writer is at ${names.join(', ')}: reading what is there`);
  const { known } = zone;
  const wishes = valuesByName(parts);
  await allOf(
    names.map(async (name) => {
      const refuted: Refuted = {
        name,
        assumed: known.get(name),
        wanted: wishes.get(name) ?? { add: [], remove: [] },
        refusals: refusals.filter((refusal) => (refusal.name ?? name) === name),
      };
      const sets = await read(refuted, leftMs, zone, ports, signal);
      if (isContradicted(sets, refuted)) known.delete(name);
      else known.set(name, sets);
    }),
  );
}

/**
 * Name servers show a change only when it is INSYNC. So what they show for the first time is sure to stand at that
 * moment, and what they have shown for a while may be old: after a race the next thing that they show is waited for.
 */
async function read(
  refuted: Refuted,
  leftMs: number,
  zone: KnownZone,
  ports: ReadPorts,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  const sets = await readRecordSets(refuted, zone, ports, signal);
  if (!isFromNameServer(refuted.assumed) || !isFromNameServer(sets) || !isPatient(leftMs)) return sets;
  return await readRecordSets({ ...refuted, assumed: sets }, zone, ports, signal);
}

/**
 * A removal is done where nothing is, but Route 53 has just said that there is a set: a name server is behind, or
 * somebody took the set away at this moment. Nothing is known then, and the next refusal tells.
 */
function isContradicted(sets: readonly TxtRecordSet[], { wanted, refusals }: Refuted): boolean {
  if (sets.length > 0 || wanted.add.length > 0) return false;
  return refusals.some(({ kind }) => kind === 'values-differ');
}

/** What has only seconds, as a clean-up of leftovers, cannot make way for a crowd. */
export function isPatient(leftMs: number): boolean {
  return leftMs > 60_000;
}

export function isFromNameServer(sets: readonly TxtRecordSet[] | undefined): boolean {
  return sets?.some((set) => set.isServed === true && set.setIdentifier === undefined) === true;
}

/** How many values of others are known to be at one of the names, where there are most. */
export function mostOthers(parts: readonly ZoneWish[], known: KnownSets): number {
  const counts = [...valuesByName(parts)].map(([name, { add, remove }]) =>
    othersAt(known.get(name) ?? [], [...add, ...remove]),
  );
  return Math.max(0, ...counts);
}
