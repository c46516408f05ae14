/**
 * Ten or twenty hosts renew one wildcard at four in the morning, and the account allows five Route 53 requests a second to
 * all of them: simulated, with a seed for each night. The figures of `src/core/contention.ts` come from here.
 */
import { describe, expect, it } from 'vitest';
import { diffSnapshots } from '../world/zone-store.ts';
import { laterValue, type Night, type NightOptions, nightFigures, simulateNight } from './night.ts';

const night: NightOptions = {
  seed: 1,
  hosts: 20,
  spreadMs: 0,
  inSyncMs: 7_000,
  perSecond: 5,
  mayList: true,
  thirdParty: true,
};

/** Both values of the third party are there with their TTL, and nothing of ours. */
function leavesOnlyTheirs({ before, after, failures }: Night): void {
  expect(failures).toEqual([]);
  const later = `+ _acme-challenge.lan.example. 300 TXT ${laterValue}`;
  expect(diffSnapshots(before, after)).toEqual([later]);
}

/** `NIGHTS=300` for whoever changes a figure. */
const nights = Number(process.env['NIGHTS'] ?? 8);
const seeds = Array.from({ length: nights }, (_, index) => index + 1);

describe('twenty hosts at one name, INSYNC after 7 s, five requests a second', () => {
  it.each([0, 3_000, 15_000])('that start within %i ms', async (spreadMs) => {
    for (const seed of seeds) {
      const told = await simulateNight({ ...night, seed, spreadMs });
      leavesOnlyTheirs(told);
      const { requests, throttledShare, seconds } = nightFigures(told);
      expect([seed, Math.max(...requests)]).toEqual([seed, expect.toSatisfy(atMost(14))]);
      expect([seed, throttledShare]).toEqual([seed, expect.toSatisfy(atMost(0.25))]);
      expect([seed, seconds]).toEqual([seed, expect.toSatisfy(atMost(3 * ((20 * 7) / 5 + 7)))]);
    }
  });
});

describe('twenty hosts that may not list', () => {
  it('take at most twice what INSYNC alone forces, with no more requests', async () => {
    for (const seed of seeds.slice(0, Math.ceil(nights / 2))) {
      const told = await simulateNight({ ...night, seed, mayList: false });
      leavesOnlyTheirs(told);
      const { requests, throttledShare, seconds } = nightFigures(told);
      expect([seed, Math.max(...requests)]).toEqual([seed, expect.toSatisfy(atMost(14))]);
      expect([seed, throttledShare]).toEqual([seed, expect.toSatisfy(atMost(0.25))]);
      // Each host makes two changes, and the next writer sees one only when it is INSYNC.
      expect([seed, seconds]).toEqual([seed, expect.toSatisfy(atMost(2 * (2 * 20 * 7)))]);
    }
  });
});

describe('a lone host', () => {
  const lone = { ...night, hosts: 1 };

  it('that finds a stale value of somebody else sends no more than it must, and soon', async () => {
    const told = await simulateNight(lone);
    leavesOnlyTheirs(told);
    expect(told.answers.map(({ operation }) => operation)).toEqual([
      'ChangeResourceRecordSets',
      'ListResourceRecordSets',
      'ChangeResourceRecordSets',
      'GetChange',
      'GetChange',
      'GetChange',
      'ChangeResourceRecordSets',
    ]);
    const [first, second, third] = told.answers.map(({ at }) => at);
    expect((third ?? 0) - (first ?? 0)).toBeLessThan(1_500);
    expect((third ?? 0) - (second ?? 0)).toBeLessThan(250);
  });

  it('with nobody else there needs one request each way', async () => {
    const { answers } = await simulateNight({ ...lone, thirdParty: false });
    expect(answers.filter(({ operation }) => operation !== 'GetChange')).toHaveLength(2);
  });
});

function atMost(limit: number): (value: number) => boolean {
  return (value) => value <= limit;
}
