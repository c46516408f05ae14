import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchLimits, batchSize, isTooLarge, packBatches } from '../../src/core/batch-packing.ts';
import type { JournalRecord } from '../../src/core/journal.ts';
import type { TxtRecordSet } from '../../src/core/record-set.ts';
import { type KnownSets, planZoneChange, type ZoneGoal } from '../../src/core/zone-change.ts';
import { nameOf } from './dns-arbitraries.ts';

const nameAt = (index: number) => nameOf(`_acme-challenge.host-${index}.lan.example`);

/** An order of so many names from the first on, a value each. */
function part(order: string, names: number, first = 0, goal: ZoneGoal = 'present') {
  const records = Array.from({ length: names }, (_, index): JournalRecord => {
    return { name: nameAt(first + index), value: `"${order} ${index}"` };
  });
  return { order, goal, records };
}

/** Which order has how many records in each batch. */
function shares(
  parts: readonly ReturnType<typeof part>[],
  known: KnownSets = new Map(),
): readonly (readonly string[])[] {
  return packBatches(parts, known).map((batch) =>
    batch.map(({ order, records }) => `${order}: ${records.length}`),
  );
}

describe('orders are packed into batches', () => {
  it('one for all while they fit', () => {
    expect(shares([part('a', 600), part('b', 400, 600)])).toEqual([['a: 600', 'b: 400']]);
  });

  it('an order that does not fit beside the others gets the next one, whole', () => {
    expect(shares([part('a', 600), part('b', 401, 600), part('c', 10, 1001)])).toEqual([
      ['a: 600'],
      ['b: 401', 'c: 10'],
    ]);
  });

  it('an order that is too large for any is split by name', () => {
    expect(shares([part('a', 1_200)])).toEqual([['a: 1000'], ['a: 200']]);
    expect(shares([part('a', 100), part('b', 1_200, 100)])).toEqual([['a: 100', 'b: 900'], ['b: 300']]);
  });

  it('a swap counts twice: the values that were there and those that will be', () => {
    const known = new Map(
      Array.from({ length: 400 }, (_, index): [ReturnType<typeof nameAt>, readonly TxtRecordSet[]] => {
        const name = nameAt(index);
        return [name, [{ name, ttl: 300, values: ['"theirs"'] }]];
      }),
    );
    // A DELETE of one value and a CREATE of two.
    expect(shares([part('a', 400)], known)).toEqual([['a: 333'], ['a: 67']]);
  });

  it('values of several orders at one name share one set', () => {
    expect(shares([part('a', 500), part('b', 500)])).toEqual([['a: 500', 'b: 500']]);
    // One goes and one comes in each: DELETE of what a had, CREATE of what b has.
    expect(shares([part('a', 500, 0, 'absent'), part('b', 501)])).toEqual([['a: 500'], ['b: 501']]);
  });

  it('characters are limited, too: challenges come to that limit first', () => {
    const challenges = part('a', 1_000).records.map(({ name }) => ({ name, value: `"${'v'.repeat(43)}"` }));
    expect(shares([{ ...part('a', 0), records: challenges }])).toEqual([['a: 711'], ['a: 289']]);
  });

  it('a set with too many characters to be swapped stands alone', () => {
    const name = nameAt(0);
    const values = Array.from({ length: 100 }, (_, index) => `"${String(index).padStart(160, 'x')}"`);
    const known = new Map([[name, [{ name, ttl: 300, values }]]]);
    const parts = [part('large', 1), part('small', 10, 1)];
    expect(shares(parts, known)).toEqual([['large: 1'], ['small: 10']]);
    expect(isTooLarge(batchSize(planZoneChange([parts[0]!], known)))).toBe(true);
  });

  it('whatever they want, nothing is lost or twice, and only a single set can be too large', () => {
    const order = fc.record({
      names: fc.integer({ min: 1, max: 700 }),
      first: fc.nat(900),
      goal: fc.constantFrom<ZoneGoal>('present', 'absent'),
    });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 6 }), (orders) => {
        const parts = orders.map(({ names, first, goal }, index) => part(`${index}`, names, first, goal));
        const batches = packBatches(parts, new Map());
        for (const { order: of, records } of parts) {
          const packed = batches.flat().filter((other) => other.order === of);
          expect(packed.flatMap((one) => one.records)).toEqual(records);
        }
        for (const batch of batches) {
          expect(batchSize(planZoneChange(batch, new Map())).records).toBeLessThanOrEqual(
            batchLimits.records,
          );
        }
      }),
      { numRuns: 30 },
    );
  });
});
