/**
 * Other clients at the challenge name, in both of Route 53's styles, with all rights and with the smallest policy: the
 * built program issues, Pebble validates, and theirs is byte-equal afterwards.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { type LanacmeResult, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';
import type { RecordSetInput } from '../world/zone-records.ts';

/** Sleeps of the program take a tenth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 10 });
const name = '_acme-challenge.lan.example';

let world: World;
let host: Host;
let before: string;
let hosts = 0;
let theirs: readonly RecordSetInput[] = [];

beforeAll(async () => {
  world = await startWorld({ pendingMs: 300, route53: { rateLimit: 'none' } });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  host = await world.addHost({ thingName: `host${hosts}` });
  await world.forgetRequests();
});
afterEach(() => {
  expect(world.snapshot()).toBe(before);
  if (theirs.length > 0) edit('DELETE', theirs);
  theirs = [];
});

function edit(action: string, sets: readonly RecordSetInput[]): void {
  world.store.edit(
    world.zone.id,
    sets.map((recordSet) => ({ action, recordSet })),
  );
}

function place(sets: readonly Partial<RecordSetInput>[]): void {
  theirs = sets.map((set) => ({ name, type: 'TXT', ttl: 60, ...set }));
  edit('CREATE', theirs);
  before = world.snapshot();
}

const certManagers = (count: number): readonly Partial<RecordSetInput>[] =>
  Array.from({ length: count }, (_, index) => {
    const value = `"${String.fromCharCode(97 + index).repeat(43)}"`;
    return { values: [value], setIdentifier: value, multiValueAnswer: true };
  });
const simple: readonly Partial<RecordSetInput>[] = [
  {
    ttl: 321,
    values: [
      '"of certbot"',
      '"In Two" "STRINGS"',
      String.raw`"say \"hi\" \303\274 \\"`,
      `"${'x'.repeat(255)}" "y"`,
    ],
  },
];
/** What stands at the name after the last change that added something. */
const joined = (): readonly string[] => {
  const changes = world.store.changes(world.zone.id).filter(({ by }) => by !== 'third party');
  return changes.flatMap((change) =>
    change.changes
      .filter(({ action }) => action === 'CREATE')
      .map(({ recordSet }) => `${recordSet.ttl ?? ''} ${recordSet.values?.join() ?? ''}`),
  );
};

const settings = (changes: Readonly<Record<string, string | undefined>> = {}) => ({
  env: { ...host.environment({ LANACME_LOG_FORMAT: 'pretty', ...changes }), ...time.env },
  nodeArgs: time.nodeArgs,
});
const issue = async (changes: Readonly<Record<string, string | undefined>> = {}): Promise<LanacmeResult> =>
  await runLanacme(['issue', '--domain', '*.lan.example,lan.example'], settings(changes));
const succeed = async (): Promise<void> => {
  const { code, stderr } = await issue();
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) as string });
};

describe('with every right', () => {
  beforeEach(() => {
    world.setPolicy('whole zone');
  });
  test("cert-manager's sets are joined: theirs and ours are live at once, ours are removed", joinsBoth);
});

async function joinsBoth(): Promise<void> {
  place(certManagers(2));
  const live: number[] = [];
  const stop = world.store.onChange(() => {
    live.push(world.store.records(world.zone.id).filter((set) => set.name === `${name}.`).length);
  });
  await succeed();
  stop();
  expect(live).toEqual([4, 2]);
  const ours = expect.stringMatching(/^60 "[\w-]{43}"$/) as string;
  expect(joined().slice(-2)).toEqual([ours, ours]);
}

describe('with the smallest policy', () => {
  beforeEach(() => {
    world.setPolicy('challenges of the zone');
  });

  test("cert-manager's sets are joined, their TTL learnt from the name servers", joinsBoth);
  test('weighted sets are never taken for multivalue ones', async () => {
    place([
      { values: ['"x"'], setIdentifier: '"x"', weight: 1 },
      { values: ['"y"'], setIdentifier: '"y"', weight: 1 },
    ]);
    const result = await issue();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('no challenge value can join');
    expect(result.stderr).toContain('(route53.other-routing)');
    expect(await readdir(join(host.stateDir, 'journal'))).toEqual([]);
  });

  test('a simple set of others, too large for UDP, is joined and left, each byte of it', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `"value ${index} ${'z'.repeat(40)}"`);
    place(simple.map((set) => ({ ...set, values: [...(set.values ?? []), ...many] })));
    await succeed();
    const [first = ''] = joined().slice(-2);
    expect(first).toContain('"of certbot"');
    expect(first).toMatch(/^321 (?:.*"[\w-]{43}"){2}$/);
  });

  test('a ninth multivalue set is refused before it is sent', async () => {
    place(certManagers(7));
    const result = await issue();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `${name} has 7 multivalue record sets already and needs 2 more, but a DNS answer carries 8 at most`,
    );
    expect(result.stderr).toContain('(route53.too-many-sets)');
    expect(result.stderr).toContain('multivalue set with SetIdentifier "aaaa');
    expect(await readdir(join(host.stateDir, 'journal'))).toEqual([]);
  });

  test.each([
    ['a simple set', simple],
    ["cert-manager's sets", certManagers(2)],
  ])('what a killed run left beside %s, cleanup takes away', async (_, sets) => {
    place(sets);
    const run = startLanacme(['issue', '--domain', '*.lan.example,lan.example'], settings());
    const killed = new Promise<void>((resolve) => {
      const stop = world.store.onChange(() => {
        run.kill('SIGKILL');
        stop();
        resolve();
      });
    });
    await Promise.all([run.ended, killed]);
    expect(world.snapshot()).not.toBe(before);
    const cleanup = await runLanacme(['cleanup'], settings());
    expect(cleanup).toMatchObject({ code: 0, stdout: expect.stringMatching(/^removed /) as string });
  });
});

test('without the right to list, and no name server to ask: both ways out are told', async () => {
  world.setPolicy('challenges of the zone');
  place(simple);
  const result = await issue({ LANACME_NAME_SERVERS: '127.0.0.1:9', LANACME_SKIP_PREFLIGHT: 'true' });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(
    `${name} has values already, and no name server of lan.example tells which`,
  );
  expect(result.stderr).toContain("reach the zone's name servers on port 53");
  expect(result.stderr).toContain('or allow route53:ListResourceRecordSets on the zone');
  expect(result.stderr).toContain('"Action":"route53:ListResourceRecordSets"');
});

test('nothing but CREATE and DELETE has reached Route 53', () => {
  before = world.snapshot();
  const actions = world.store
    .changes(world.zone.id)
    .filter(({ by }) => by !== 'third party')
    .flatMap(({ changes }) => changes.map(({ action }) => action));
  expect(new Set(actions)).toEqual(new Set(['CREATE', 'DELETE']));
  expect(actions.length).toBeGreaterThan(15);
});
