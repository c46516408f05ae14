/**
 * Hosts that all renew one wildcard at once, for real: processes of the built program, Pebble, and a Route 53 with five
 * requests a second for all of them. In the short form two hosts, in the long one the twenty of the promise.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inWords, issueAtOnce, listing } from '../support/hosts-at-once.ts';
import { isLong, longTestMs } from '../support/long-form.ts';
import { startWorld, type World } from '../world/world.ts';

const count = isLong ? 20 : 2;
/** No multiple of a poll. */
const inSyncMs = isLong ? 7_000 : 1_700;
const perSecond = 5;

let world: World;
beforeAll(async () => {
  const rateLimit = { perSecond, burst: 5 };
  world = await startWorld({ pendingMs: inSyncMs, route53: { rateLimit } });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(() => {
  world.store.syncAll();
});

/** Whether all succeeded, nothing of others was lost, nothing of ours is left, and nobody asked too much. */
async function passesTheNight(name: string, mostSeconds: number): Promise<void> {
  const told = await issueAtOnce(world, name, count);
  process.stdout.write(`${count} hosts at *.${name}: ${inWords(told)}\n`);
  const wrong = told.results.filter(({ code }) => code !== 0);
  expect(wrong.map(({ stderr }) => stderr)).toEqual([]);
  expect(world.snapshot()).toBe(told.expected);
  expect(told.requests).toHaveLength(count);
  expect(told.requests.at(-1)).toBeLessThanOrEqual(14);
  expect(told.throttledShare).toBeLessThanOrEqual(0.25);
  // A few hosts on a busy machine wait for their own start most of all.
  if (isLong) expect(told.seconds).toBeLessThanOrEqual(mostSeconds);
}

test(
  `${count} hosts at one name, INSYNC after ${inSyncMs / 1000} s, ${perSecond} requests a second`,
  async () => {
    world.setPolicy(listing(world));
    await passesTheNight('lan.example', 3 * ((count * 7) / perSecond + inSyncMs / 1000));
  },
  longTestMs,
);

test.runIf(isLong)(
  `${count} hosts that may not list: a change is seen when it is INSYNC`,
  async () => {
    world.setPolicy('challenges of the zone');
    await passesTheNight('other.lan.example', (2 * (2 * count * inSyncMs)) / 1000);
  },
  longTestMs,
);
