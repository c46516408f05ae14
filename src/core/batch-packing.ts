import type { JournalRecord } from './journal.ts';
import type { DnsName } from './names.ts';
import type { Change } from './record-set.ts';
import { type KnownSets, planAt, valuesByName, type ZoneWish } from './zone-change.ts';

/** What Route 53 counts in a change batch; a swap counts twice, as DELETE and as CREATE (`reference/route53.md` §4). */
export interface BatchSize {
  /** ResourceRecord elements: values, over all changes. */
  readonly records: number;
  /** Characters in all of them. */
  readonly characters: number;
}

/** What Route 53 takes in one change batch. */
export const batchLimits: BatchSize = { records: 1_000, characters: 32_000 };

export function batchSize(changes: readonly Change[]): BatchSize {
  const values = changes.flatMap(({ set }) => set.values);
  return { records: values.length, characters: values.reduce((sum, value) => sum + value.length, 0) };
}

export function isTooLarge({ records, characters }: BatchSize): boolean {
  return records > batchLimits.records || characters > batchLimits.characters;
}

/** What one order wants at some of its names. */
export interface OrderPart extends ZoneWish {
  readonly order: unknown;
}

/**
 * Shares orders out over batches that Route 53 takes, as they come: one that does not fit beside the others gets the
 * next batch, one that is too large for any is split by name. A set that is too large even so stands alone.
 */
export function packBatches<Part extends OrderPart>(
  parts: readonly Part[],
  known: KnownSets,
): readonly (readonly Part[])[] {
  const batches: Batch<Part>[] = [];
  const place = (part: Part): void => {
    if (batches.at(-1)?.admits(part) !== true) batches.push(new Batch(known));
    batches.at(-1)?.add(part);
  };
  for (const part of parts) {
    if (batches.at(-1)?.admits(part) === true || new Batch(known).admits(part)) place(part);
    else for (const piece of splitByName(part)) place(piece);
  }
  return batches.map((batch) => batch.parts());
}

function splitByName<Part extends OrderPart>(part: Part): readonly Part[] {
  const byName = new Map<DnsName, JournalRecord[]>();
  for (const record of part.records) {
    const here = byName.get(record.name);
    if (here === undefined) byName.set(record.name, [record]);
    else here.push(record);
  }
  return Array.from(byName.values(), (records) => ({ ...part, records }));
}

/** A batch in the making: only the names that a further part touches are planned anew. */
class Batch<Part extends OrderPart> {
  readonly #known: KnownSets;
  readonly #parts: Part[] = [];
  readonly #byName = new Map<DnsName, ZoneWish[]>();
  #size: BatchSize = { records: 0, characters: 0 };

  constructor(known: KnownSets) {
    this.#known = known;
  }

  admits(part: Part): boolean {
    return !isTooLarge(this.#sizeWith(part));
  }

  add(part: Part): void {
    this.#size = this.#sizeWith(part);
    for (const [name, here] of this.#with(part)) this.#byName.set(name, here);
    this.#parts.push(part);
  }

  /** The pieces of one part put together again. */
  parts(): readonly Part[] {
    const whole: Part[] = [];
    for (const part of this.#parts) {
      const last = whole.at(-1);
      if (last === undefined || last.order !== part.order) whole.push(part);
      else whole[whole.length - 1] = { ...last, records: [...last.records, ...part.records] };
    }
    return whole;
  }

  #sizeWith(part: Part): BatchSize {
    let { records, characters } = this.#size;
    for (const [name, here] of this.#with(part)) {
      const [was, is] = [this.#sizeAt(name, this.#byName.get(name) ?? []), this.#sizeAt(name, here)];
      records += is.records - was.records;
      characters += is.characters - was.characters;
    }
    return { records, characters };
  }

  #with({ goal, records }: Part): ReadonlyMap<DnsName, ZoneWish[]> {
    const names = new Map<DnsName, ZoneWish[]>();
    for (const record of records) {
      const here = names.get(record.name) ?? [...(this.#byName.get(record.name) ?? [])];
      here.push({ goal, records: [record] });
      names.set(record.name, here);
    }
    return names;
  }

  #sizeAt(name: DnsName, wishes: readonly ZoneWish[]): BatchSize {
    const values = valuesByName(wishes).get(name);
    return batchSize(values === undefined ? [] : planAt(name, values, this.#known.get(name)));
  }
}
