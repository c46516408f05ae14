import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { staleVersions, type VersionsInUse } from '../../src/core/stale-versions.ts';
import { nextVersion } from '../../src/core/version-layout.ts';

const upTo = (last: number): readonly string[] =>
  Array.from({ length: last }, (_, index) => String(index + 1).padStart(4, '0'));

describe('of the versions on disk', () => {
  it.each<[string, readonly string[], Partial<VersionsInUse>, readonly string[]]>([
    ['none goes while there are few', upTo(5), { live: '0005' }, []],
    ['the oldest go', upTo(7), { live: '0007' }, ['0001', '0002']],
    ['the live one stays, however old it is', upTo(7), { live: '0001' }, ['0002', '0003']],
    [
      'those that a person went back from go first, but the newest',
      upTo(9),
      { live: '0004', held: ['0005', '0006', '0007', '0008', '0009'] },
      ['0005', '0006', '0007', '0008'],
    ],
    [
      'one that is to be tried again stays',
      upTo(8),
      { live: '0001', needed: ['0002'] },
      ['0003', '0004', '0005'],
    ],
    ['all but the newest go from a certificate that is not live', upTo(6), {}, ['0001']],
    ['their numbers count, not their spelling', ['10000', '9999', '9998'], { live: '10000' }, []],
  ])('%s', (_, present, inUse, expected) => {
    expect(staleVersions(present, { live: undefined, held: [], needed: [], ...inUse }, 5)).toEqual(expected);
  });

  it('what goes is never in use, and the next number is the same as before', () => {
    const some = fc.subarray([...upTo(30)], { minLength: 1 });
    fc.assert(
      fc.property(
        some,
        some,
        some,
        fc.nat(29),
        fc.integer({ min: 1, max: 8 }),
        (present, held, needed, at, keep) => {
          const live = present[at % present.length];
          const stale = staleVersions(present, { live, held, needed }, keep);
          const kept = present.filter((version) => !stale.includes(version));
          expect(kept).toContain(live);
          expect(stale.filter((version) => needed.includes(version))).toEqual([]);
          expect(nextVersion(kept)).toBe(nextVersion(present));
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(keep, present.length));
        },
      ),
    );
  });
});
