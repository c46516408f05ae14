/**
 * kill -9 between the first and the last request of an issue, then `lanacme cleanup`: a zone that others use, too, is
 * byte-equal. The short form strikes where a stage ends, the long one at every request, as its counterpart in memory does
 * at every call (test/flows/cleanup-after-kill.test.ts).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { isLong, longTestMs } from '../support/long-form.ts';
import { type LanacmeResult, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

/** Sleeps of the program take a twentieth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 20 });

let world: World;
let hosts = 0;
/** How many requests Route 53 has seen of this run, and what happens at one of them. */
const seen = { count: 0, at: 0, strike: () => undefined as unknown };

beforeAll(async () => {
  world = await startWorld({ pendingMs: 100, route53: { rateLimit: 'none' } });
  world.store.edit(world.zone.id, [
    {
      action: 'CREATE',
      recordSet: {
        name: '_acme-challenge.lan.example',
        type: 'TXT',
        ttl: 300,
        values: ['"of another client" "in two strings"'],
      },
    },
  ]);
  const requests = world.route53.requests as unknown[];
  const push = requests.push.bind(requests);
  requests.push = (...items) => {
    seen.count += 1;
    if (seen.count === seen.at) seen.strike();
    return push(...items);
  };
});
afterAll(async () => {
  await world.stop();
});

async function newHost(): Promise<Host> {
  hosts += 1;
  return await world.addHost({ thingName: `host-${hosts}` });
}

const settings = (host: Host) => ({
  env: { ...host.environment({ LANACME_LOG_FORMAT: 'pretty' }), ...time.env },
  nodeArgs: time.nodeArgs,
});

async function issue(host: Host, killAt: number): Promise<LanacmeResult> {
  const run = startLanacme(['issue', '--domain', '*.lan.example,lan.example'], settings(host));
  Object.assign(seen, {
    count: 0,
    at: killAt,
    strike: () => {
      run.kill('SIGKILL');
    },
  });
  return await run.ended;
}

const cleanup = async (host: Host, ...more: readonly string[]): Promise<LanacmeResult> =>
  await runLanacme(['cleanup', ...more], settings(host));
const entries = async (host: Host): Promise<readonly string[]> =>
  await readdir(join(host.stateDir, 'journal'));

interface Told {
  readonly dryRun: boolean;
  readonly values: readonly { readonly name: string; readonly state: string }[];
}
const statesOf = ({ stdout }: LanacmeResult): readonly string[] =>
  (JSON.parse(stdout) as Told).values.map(({ name, state }) => `${name} ${state}`);

test(
  'after kill -9 at a request to Route 53, cleanup makes the zone byte-equal',
  async () => {
    const before = world.snapshot();
    expect(await issue(await newHost(), 0)).toMatchObject({ code: 0 });
    const total = seen.count;
    expect(world.snapshot()).toBe(before);
    // CREATE, refused; the list, denied; the swap; polls; the clean-up. One poll more or less: the last may not come.
    const points = isLong ? Array.from({ length: total }, (_, index) => index + 1) : [1, 3, 4, total];
    for (const at of points) {
      const host = await newHost();
      const killed = await issue(host, at);
      if (killed.signal === null) expect(at).toBeGreaterThan(total - 3);
      const result = await cleanup(host);
      expect([at, result.code, result.stderr]).toEqual([at, 0, expect.any(String) as string]);
      expect([at, world.snapshot()]).toEqual([at, before]);
      expect([at, await entries(host)]).toEqual([at, []]);
    }
  },
  longTestMs,
);

test('cleanup says what it would remove, what it removed, and that nothing is left', async () => {
  const before = world.snapshot();
  const host = await newHost();
  await issue(host, 4);
  const interrupted = world.snapshot();
  expect(interrupted).not.toBe(before);

  const dry = await cleanup(host, '--dry-run', '--json');
  expect(dry.code).toBe(0);
  expect(statesOf(dry)).toEqual(Array(2).fill('_acme-challenge.lan.example to be removed'));
  expect(world.snapshot()).toBe(interrupted);
  expect(await entries(host)).toHaveLength(1);

  world.setPolicy({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } });
  const denied = await cleanup(host, '--json');
  expect(denied.code).toBe(1);
  expect(statesOf(denied)).toEqual(Array(2).fill('_acme-challenge.lan.example left'));
  expect(JSON.parse(denied.stdout)).toMatchObject({ errors: [{ code: 'route53.access-denied' }] });
  world.setPolicy('challenges of the zone');

  const done = await cleanup(host);
  expect(done.code).toBe(0);
  expect(done.stdout).toMatch(/^(?:removed _acme-challenge\.lan\.example TXT "[\w-]{43}" \(of .*\)\n){2}$/);
  expect(world.snapshot()).toBe(before);
  expect((await cleanup(host)).stdout).toBe('nothing to clean up\n');
});
