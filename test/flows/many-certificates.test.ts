/**
 * What many certificates in one process cost Route 53. Every figure is counted in requests. The long form makes each of ten
 * the one that fails.
 */
import { describe, expect, it } from 'vitest';
import { batchLimits } from '../../src/core/batch-packing.ts';
import { sampled } from '../support/long-form.ts';
import { Crowd, zoneId } from './crowd.ts';

const hosts = (count: number, prefix = 'host'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}.lan.example`);

/** The ends of orders that failed. */
function failures(ends: readonly PromiseSettledResult<unknown>[]): readonly unknown[] {
  return ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
}

describe('certificates obtained at once by one writer', () => {
  it('share batches: 50 of one name each take at most 6 when INSYNC takes 5 s', async () => {
    const crowd = new Crowd({ inSyncMs: 5_000 });
    const ends = await crowd.obtainAll(hosts(50).map((name) => [name]));
    expect(failures(ends)).toEqual([]);
    expect(crowd.zones.snapshot(zoneId)).toBe(crowd.untouched);
    expect(await crowd.left()).toEqual([]);
    const { change = 0, isInSync = 0, ...others } = crowd.counts();
    expect(others).toEqual({});
    expect(change).toBeLessThanOrEqual(6);
    expect(isInSync).toBeLessThanOrEqual(6);
  });

  it.each(sampled(10, 5).map((number) => number - 1))(
    'fail for themselves: of 10 the one whose name the policy does not allow, were it the one that comes as number %i',
    async (guilty) => {
      const crowd = new Crowd({ inSyncMs: 5_000 });
      const names = hosts(10);
      crowd.route53.admits = ({ changes }) =>
        !changes.some(({ set }) => set.name === `_acme-challenge.${names[guilty] ?? ''}`);
      const ends = await crowd.obtainAll(names.map((name) => [name]));
      expect(ends.map(({ status }) => status)).toEqual(
        names.map((_, index) => (index === guilty ? 'rejected' : 'fulfilled')),
      );
      expect(failures(ends)).toMatchObject([{ code: 'route53.access-denied' }]);
      expect(crowd.zones.snapshot(zoneId)).toBe(crowd.untouched);
      expect(await crowd.left()).toEqual([]);
      expect(crowd.counts()['change']).toBeLessThanOrEqual(14);
    },
  );

  it('cost what one with all names costs: 100 names take 1 change, polls, 1 clean-up', async () => {
    const crowd = new Crowd({ inSyncMs: 7_000 });
    expect(failures(await crowd.obtainAll([hosts(100)]))).toEqual([]);
    expect(crowd.counts()).toEqual({ change: 2, isInSync: 3 });
    expect(crowd.batches()).toEqual([
      { created: 100, deleted: 0 },
      { created: 0, deleted: 100 },
    ]);
  });

  it('stay within the limits: 1,200 names in 12 certificates', async () => {
    const crowd = new Crowd({ inSyncMs: 5_000 });
    const ends = await crowd.obtainAll(
      Array.from({ length: 12 }, (_, index) => hosts(100, `of-certificate-${index}`)),
    );
    expect(failures(ends)).toEqual([]);
    expect(crowd.zones.snapshot(zoneId)).toBe(crowd.untouched);
    for (const { created, deleted } of crowd.batches()) {
      expect(created + deleted).toBeLessThanOrEqual(batchLimits.records);
    }
    expect(crowd.counts()['change']).toBeLessThanOrEqual(8);
  });
});
