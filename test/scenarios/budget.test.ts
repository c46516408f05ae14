/** Requests, because requests are what a rate limit and a home uplink feel (design §6). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ pendingMs: 500 });
});
afterAll(async () => {
  await world.stop();
});

const names = 100;

test(`${names} names in one certificate`, async () => {
  const domains = Array.from({ length: names }, (_, index) => `host-${index}.lan.example`).join(',');
  const before = world.snapshot();
  const result = await runLanacme(['issue', '--domain', domains], { env: world.host.environment() });
  expect(result.stderr).not.toContain('"level":"error"');
  expect(result.code).toBe(0);
  expect(world.snapshot()).toBe(before);

  const { acme, route53, credentials } = await world.counts();
  expect(credentials).toBe(1);
  const { GetChange: polls = 0, ...changes } = route53;
  expect(changes).toEqual({ ChangeResourceRecordSets: 2 });
  expect(polls).toBeGreaterThan(0);

  // At most 8 requests are in flight, so at most 7 further nonces are needed.
  const { order: orderPolls = 0, newNonce = 0, ...counted } = acme;
  expect(newNonce).toBeLessThanOrEqual(8);
  const total = Object.values(counted).reduce((sum, count) => sum + count, 0) + Math.min(newNonce, 1);
  expect(total).toBeLessThanOrEqual(2 * names + 8);
  expect(orderPolls).toBeLessThan(40);
});
