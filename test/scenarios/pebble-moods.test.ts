/**
 * The real CA in each of its moods; what each costs in requests is printed. Those that hardly differ from the one that the
 * other tests have it in are left to the long form.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { isLong } from '../support/long-form.ts';
import { runLanacme } from '../support/run-lanacme.ts';
import type { PebbleOptions } from '../world/pebble.ts';
import { startWorld, type World } from '../world/world.ts';

/** Sleeps of the program take a fifth of their time. */
const time = fastTime({ skips: 5 });
const names = Array.from({ length: 10 }, (_, index) => `h${index}.lan.example`);

async function inMood(pebble: Partial<PebbleOptions>, then: (world: World) => Promise<void>): Promise<void> {
  const world = await startWorld({ pendingMs: 100, route53: { rateLimit: 'none' }, pebble });
  try {
    await then(world);
  } finally {
    await world.stop();
  }
}

async function issue(world: World, ...args: readonly string[]): Promise<number> {
  const before = world.snapshot();
  await world.forgetRequests();
  const result = await runLanacme(
    ['issue', '--domain', names.join(','), '--name', 'mood', '--force', ...args],
    {
      env: { ...world.host.environment(), ...time.env },
      nodeArgs: time.nodeArgs,
    },
  );
  expect([result.code, result.stderr]).toEqual([0, expect.any(String) as string]);
  expect(world.snapshot()).toBe(before);
  const { acme } = await world.counts();
  const { order: polls = 0, newNonce = 0, ...others } = acme;
  const total = Object.values(others).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `  ${names.length} names: ${total} ACME requests, ${newNonce} newNonce, ${polls} polls of the order\n`,
  );
  return total;
}

async function chainOf(world: World): Promise<readonly X509Certificate[]> {
  const pem = await readFile(join(world.host.stateDir, 'live', 'mood', 'fullchain.pem'), 'utf8');
  return (pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
}

describe('issue works', () => {
  test('with a CA that refuses every second nonce', async () => {
    await inMood({ env: { PEBBLE_WFE_NONCEREJECT: '50' } }, async (world) => {
      const total = await issue(world);
      // Each request is repeated until its nonce is taken: twice on average, never without end.
      expect(total).toBeLessThan(6 * (2 * names.length + 8));
    });
  });

  test.runIf(isLong).each([true, false])('with -strict=%s', async (strict) => {
    await inMood({ strict }, async (world) => {
      expect(await issue(world)).toBeLessThanOrEqual(2 * names.length + 8);
    });
  });

  test.runIf(isLong)('with validators that sleep', async () => {
    await inMood({ env: { PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '3' } }, async (world) => {
      expect(await issue(world)).toBeLessThanOrEqual(2 * names.length + 8);
    });
  });

  test('with authorizations that are used again: those names are not proved twice', async () => {
    await inMood({ env: { PEBBLE_AUTHZREUSE: '100' } }, async (world) => {
      await issue(world);
      const changes = world.store.changes(world.zone.id).length;
      expect(await issue(world)).toBeLessThanOrEqual(names.length + 8);
      expect(world.store.changes(world.zone.id)).toHaveLength(changes);
    });
  });

  test('with long chains, the default one and a preferred one', async () => {
    const env = { PEBBLE_CHAIN_LENGTH: '3', PEBBLE_ALTERNATE_ROOTS: '2' };
    await inMood({ env }, async (world) => {
      await issue(world);
      const chain = await chainOf(world);
      expect(chain).toHaveLength(4);
      chain.slice(0, -1).forEach((certificate, index) => {
        expect(certificate.checkIssued(chain[index + 1]!)).toBe(true);
      });
      const other = new X509Certificate(await world.pebble.management('/roots/1'));
      const wanted = /CN=(.*)/.exec(other.subject)?.[1] ?? '';
      await issue(world, '--preferred-chain', wanted);
      expect((await chainOf(world)).at(-1)?.issuer).toContain(`CN=${wanted}`);
    });
  });

  test('with profiles: the wanted one is ordered, and one that is not offered is refused or left out', async () => {
    const profiles = {
      classic: { description: 'three months', validityPeriod: 7_776_000 },
      shortlived: { description: 'six days', validityPeriod: 518_400 },
    };
    await inMood({ profiles }, async (world) => {
      await issue(world, '--profile', 'shortlived');
      const [leaf] = await chainOf(world);
      const days = (Date.parse(leaf!.validTo) - Date.parse(leaf!.validFrom)) / 86_400_000;
      expect(Math.round(days)).toBe(6);
      const refused = await runLanacme(
        ['issue', '--domain', 'x.lan.example', '--profile', 'tlsclient', '--json'],
        {
          env: world.host.environment(),
        },
      );
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({ errors: [{ code: 'acme.profile-not-offered' }] });
      await issue(world, '--profile', 'tlsclient', '--profile-fallback');
    });
  });
});
