/** Challenges behind CNAMEs: the built program, a CA that follows them, a strict Route 53. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

const time = fastTime({ skips: 10 });

const cnames: Readonly<Record<string, string>> = {
  '_acme-challenge.exact.lan.example': 'exact.acme.lan.example',
  '_acme-challenge.chain.lan.example': 'hop1.lan.example',
  'hop1.lan.example': 'hop2.lan.example',
  'hop2.lan.example': 'chain.acme.lan.example',
  '_acme-challenge.twin1.lan.example': 'twin.acme.lan.example',
  '_acme-challenge.twin2.lan.example': 'twin.acme.lan.example',
  '_acme-challenge.loop.lan.example': 'loop.lan.example',
  'loop.lan.example': '_acme-challenge.loop.lan.example',
  '_acme-challenge.outside.lan.example': 'outside.acme.example',
  '*.wild.lan.example': 'nas.lan.example',
};

let world: World;
let host: Host;
let hosts = 0;
let before: string;

beforeAll(async () => {
  world = await startWorld({ pendingMs: 200, route53: { rateLimit: 'none' }, policy: 'whole zone' });
  world.store.edit(
    world.zone.id,
    Object.entries(cnames).map(([name, target]) => ({
      action: 'CREATE',
      recordSet: { name, type: 'CNAME', ttl: 10, values: [target] },
    })),
  );
  before = world.snapshot();
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  host = await world.addHost({ thingName: `host-${hosts}` });
  await world.forgetRequests();
  world.dns.queries.length = 0;
});

async function run(command: string, names: readonly string[], aliases = ''): Promise<LanacmeResult> {
  const changes = aliases === '' ? {} : { LANACME_CHALLENGE_ALIAS: aliases };
  return await runLanacme([command, ...names.map((name) => `--domain=${name}.lan.example`), '--json'], {
    env: { ...host.environment(changes), ...time.env },
    nodeArgs: time.nodeArgs,
  });
}

/** The names of all changes of lanacme, with a dot at the end. */
const written = (): readonly string[] =>
  world.store
    .changes(world.zone.id)
    .filter(({ by }) => by !== 'third party')
    .flatMap(({ changes }) => changes.map(({ recordSet }) => recordSet.name));

const told = (result: LanacmeResult) =>
  (JSON.parse(result.stdout) as { errors: readonly Readonly<Record<string, unknown>>[] }).errors;

describe('a delegated challenge', () => {
  test('goes to its target, over a chain and in a set that names share', async () => {
    const result = await run('issue', ['exact', 'chain', 'twin1', 'twin2', '*.twin2'], '*.acme.lan.example');
    expect(result.code, result.stderr).toBe(0);
    const [created] = world.store.changes(world.zone.id).slice(-2);
    const sets = created?.changes.map(({ recordSet }) => [recordSet.name, recordSet.values?.length]);
    expect(sets?.toSorted()).toEqual([
      ['chain.acme.lan.example.', 1],
      ['exact.acme.lan.example.', 1],
      ['twin.acme.lan.example.', 3],
    ]);
    expect((await world.counts()).route53.ChangeResourceRecordSets).toBe(2);
    expect(world.snapshot()).toBe(before);
  });

  test('that a killed run left is removed where it was written', async () => {
    const name = 'exact.acme.lan.example';
    const value = `"${'A'.repeat(43)}"`;
    world.store.edit(world.zone.id, [
      { action: 'CREATE', recordSet: { name, type: 'TXT', ttl: 10, values: [value] } },
    ]);
    expect((await run('issue', ['exact'], name)).code).toBe(0);
    const entry = {
      format: 1,
      id: '0123456789abcdef',
      certificate: 'exact.lan.example',
      zone: 'lan.example',
      zoneId: world.zone.id,
      createdAt: '2026-11-22T12:00:00Z',
      records: [{ name, value }],
      changeIds: [],
    };
    const journal = join(host.stateDir, 'journal');
    await writeFile(join(journal, `${entry.id}.json`), JSON.stringify(entry), { mode: 0o600 });
    const unlisted = await run('cleanup', []);
    expect([unlisted.code, told(unlisted)]).toMatchObject([1, [{ code: 'names.alias-not-listed' }]]);
    expect((await run('cleanup', [], name)).code).toBe(0);
    expect(await readdir(journal)).toEqual([]);
    expect(world.snapshot()).toBe(before);
  });
});

describe('a challenge is refused before anybody but the name server is asked', () => {
  test.each([
    [
      'exact',
      'other.acme.lan.example',
      /^_acme-challenge\.exact\.lan\.example is a CNAME to exact\.acme\.lan\.example, where/,
      /--challenge-alias exact\.acme\.lan\.example/,
    ],
    [
      'loop',
      '*.acme.lan.example',
      /^the CNAMEs from _acme-challenge\.loop\.lan\.example go in a circle$/,
      /lead to the name/,
    ],
    [
      'outside',
      '*.acme.lan.example',
      /is a CNAME to outside\.acme\.example, where/,
      /^lanacme writes only in lan\.example/,
    ],
  ])('if its CNAME leads wrong: %s', async (name, aliases, message, hint) => {
    const result = await run('issue', [name], aliases);
    expect(result.code, result.stderr).toBe(2);
    expect(told(result)).toMatchObject([
      {
        code: 'route53.cname-in-the-way',
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      },
    ]);
    expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
  });

  test('and not even that one for a name outside the zone', async () => {
    const result = await runLanacme(['issue', '--domain=exact.lan.example,a.other.example'], {
      env: host.environment(),
    });
    expect(result.code).toBe(2);
    expect(world.dns.queries).toEqual([]);
  });
});

test('a wildcard CNAME is no delegation: the challenge takes its place', async () => {
  const result = await run('issue', ['a.wild']);
  expect(result.code, result.stderr).toBe(0);
  expect(written()).toContain('_acme-challenge.a.wild.lan.example.');
  expect(result.stderr).toContain('a wildcard CNAME answers for _acme-challenge.a.wild.lan.example');
  expect(world.snapshot()).toBe(before);
});

test('without a name server to ask, names without a CNAME are issued all the same', async () => {
  const result = await runLanacme(['issue', '--domain=plain.lan.example'], {
    env: { ...host.environment({ LANACME_NAME_SERVERS: '127.0.0.1:1' }), ...time.env },
    nodeArgs: time.nodeArgs,
  });
  expect(result.code, result.stderr).toBe(0);
  expect(result.stderr.match(/cannot look for CNAMEs/g)).toHaveLength(1);
});
