import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { addValues, applyChanges, createSets, removeValues, touch } from '../../src/core/compare-and-swap.ts';
import { guard } from '../../src/core/guard.ts';
import { parseDnsName } from '../../src/core/names.ts';
import type { Change, TxtRecordSet } from '../../src/core/record-set.ts';
import { readRecordSets } from '../../src/flows/read-record-sets.ts';
import { challengeText, foreignTexts } from '../core/dns-arbitraries.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { accessDenied, FakeRoute53 } from '../fakes/route53.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = { zone: parseDnsName('lan.example'), zoneId: 'Z0TEST' };
const name = parseDnsName('_acme-challenge.lan.example');
const [ours, also] = [challengeText('ours'), challengeText('also ours')];
const never = new AbortController().signal;

let clock: FakeClock;
let zones: ZoneStore;
let route53: FakeRoute53;
let servers: FakeNameServers;

function begin(): void {
  clock = new FakeClock();
  zones = new ZoneStore({ now: () => clock.now(), delayMs: 7_000 });
  zones.addZone({ name: zone.zone, id: zone.zoneId });
  route53 = new FakeRoute53(zones);
  servers = new FakeNameServers(zones, zone.zoneId, ['ns1', 'ns2']);
  route53.before = (call) => {
    if (call === 'recordSets') throw accessDenied('ListResourceRecordSets');
  };
}
beforeEach(begin);

type Sets = readonly TxtRecordSet[];

/** Compare-and-swap at one name until it is accepted, as the writer of the zone does it. */
async function settle(goal: 'present' | 'absent', values: readonly string[], known?: Sets): Promise<Sets> {
  const records = values.map((value) => ({ name, value }));
  const wanted = goal === 'present' ? { add: values, remove: [] } : { add: [], remove: values };
  let assumed = known;
  for (let sent = 0; sent < 60; sent += 1) {
    const changes = planned(goal, values, assumed);
    if (changes.length === 0) return assumed ?? [];
    const batch = guard(changes, { ...zone, aliases: [], journalled: records }, 'lanacme test');
    const answer = await route53.change(batch);
    if (answer.kind === 'accepted') return applyChanges(assumed ?? [], changes);
    assumed = await readRecordSets(
      { name, assumed, wanted, refusals: answer.refusals },
      zone,
      {
        route53,
        clock,
        random: { number: () => 0.5, hex: () => '' },
        nameServers: async () => await Promise.resolve(servers),
      },
      never,
    );
  }
  throw new Error('it never ends');
}

function planned(goal: 'present' | 'absent', values: readonly string[], sets?: Sets): readonly Change[] {
  const created = createSets(values.map((value) => ({ name, value })));
  if (goal === 'absent') return removeValues(sets ?? created.map(({ set }) => set), name, values);
  if (sets === undefined) return created;
  const missing = addValues(sets, name, values);
  return missing.length > 0 ? missing : touch(sets, name, values);
}

interface Theirs {
  readonly values: readonly string[];
  readonly ttl: number;
  readonly style: 'simple' | 'multivalue';
}

function place({ values, ttl, style }: Theirs, action = 'CREATE'): void {
  const set = { name, type: 'TXT', ttl };
  const recordSets =
    style === 'simple'
      ? [{ ...set, values }]
      : values.map((value) => ({
          ...set,
          values: [value],
          setIdentifier: value.slice(0, 128),
          multiValueAnswer: true,
        }));
  zones.edit(
    zone.zoneId,
    recordSets.map((recordSet) => ({ action, recordSet })),
  );
}

const arrangement: fc.Arbitrary<Theirs> = fc.record({
  values: fc.uniqueArray(
    foreignTexts.filter((text) => /^"[ -~]*"$/.test(text) && !/\\[^"\\0-3]/.test(text)),
    { minLength: 1, maxLength: 5 },
  ),
  ttl: fc.constantFrom(10, 60, 300),
  style: fc.constantFrom('simple', 'multivalue'),
});
const situation = fc.record({
  theirs: fc.option(arrangement, { nil: undefined }),
  /** Of their sets' being made, before us. */
  isServed: fc.boolean(),
  /** Of ours, before they are taken away. */
  waitMs: fc.constantFrom(0, 8_000),
  values: fc.constantFrom([ours], [ours, also]),
  /** Whether the run that made ours was killed, so that nobody knows how they stand. */
  isForgotten: fc.boolean(),
});

function stored(): readonly string[] {
  return zones.records(zone.zoneId).flatMap((set) => (set.name === `${name}.` ? set.values : []));
}

describe('without the right to list', () => {
  it('values are put beside those of others, in their style, and taken away again, whatever is served when', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async ({ theirs, isServed, waitMs, values, isForgotten }) => {
        begin();
        if (theirs !== undefined) {
          // Behind a PENDING change of somebody else, an edit is PENDING too.
          if (!isServed) zones.change(zone.zoneId, [createOf('other')], { by: 'other' });
          place(theirs);
        }
        const before = zones.snapshot(zone.zoneId);
        const known = await settle('present', values);
        expect([...stored()].sort()).toEqual([...(theirs?.values ?? []), ...values].sort());
        clock.move(waitMs);
        await settle('absent', values, isForgotten ? undefined : known);
        expect(zones.snapshot(zone.zoneId)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves nothing where the first batch was never applied', async () => {
    for (const style of ['simple', 'multivalue'] as const) {
      begin();
      place({ values: ['"theirs"'], ttl: 60, style });
      const before = zones.snapshot(zone.zoneId);
      await settle('absent', [ours, also]);
      expect(zones.snapshot(zone.zoneId)).toBe(before);
    }
  });

  it('does not take a name server that is behind for a proof that our value is gone', async () => {
    place({ values: ['"theirs"'], ttl: 300, style: 'simple' });
    const before = zones.snapshot(zone.zoneId);
    await settle('present', [ours]);
    expect(zones.snapshot(zone.zoneId, 'served')).toBe(before);
    await settle('absent', [ours]);
    expect(zones.snapshot(zone.zoneId)).toBe(before);
  });

  it('needs no name server to take away sets of its own', async () => {
    place({ values: ['"theirs"'], ttl: 10, style: 'multivalue' });
    const before = zones.snapshot(zone.zoneId);
    await settle('present', [ours, also]);
    const { asked } = servers;
    await settle('absent', [ours, also]);
    expect(zones.snapshot(zone.zoneId)).toBe(before);
    expect(servers.asked).toBe(asked);
  });

  it('asks Route 53 nothing while the name servers show what it has refused', async () => {
    place({ values: ['"theirs"'], ttl: 300, style: 'simple' });
    zones.change(
      zone.zoneId,
      [
        {
          action: 'UPSERT',
          recordSet: { name, type: 'TXT', ttl: 300, values: ['"theirs"', '"more"'] },
        },
      ],
      { by: 'other' },
    );
    await settle('present', [ours]);
    // CREATE; the swap of what is served, refused; the swap of what was served 7 s later.
    expect(route53.calls.filter((call) => call === 'change')).toHaveLength(3);
  });

  it.each([
    ['simple', 'denied'],
    ['multivalue', 'denied'],
    ['simple', 'allowed'],
    ['multivalue', 'allowed'],
  ] as const)(
    'survives that the style becomes %s between the refusal and the next batch, listing %s',
    async (style, listing) => {
      const other = style === 'simple' ? 'multivalue' : 'simple';
      place({ values: ['"theirs"'], ttl: 60, style: other });
      let changes = 0;
      route53.before = (call) => {
        if (call === 'recordSets' && listing === 'denied') throw accessDenied('ListResourceRecordSets');
        changes += call === 'change' ? 1 : 0;
        if (call !== 'change' || changes !== 2) return;
        place({ values: ['"theirs"'], ttl: 60, style: other }, 'DELETE');
        place({ values: ['"theirs"'], ttl: 60, style });
      };
      await settle('present', [ours]);
      const sets = zones.records(zone.zoneId).filter((set) => set.name === `${name}.`);
      expect(sets.flatMap((set) => set.values).sort()).toEqual([ours, '"theirs"'].sort());
      expect(sets).toHaveLength(style === 'simple' ? 1 : 2);
    },
  );

  it('finds out that the sets are of neither style', async () => {
    zones.edit(zone.zoneId, [
      {
        action: 'CREATE',
        recordSet: { name, type: 'TXT', ttl: 60, values: ['"x"'], setIdentifier: 'x', weight: 1 },
      },
    ]);
    const before = zones.snapshot(zone.zoneId);
    await expect(settle('present', [ours])).rejects.toMatchObject({ code: 'route53.other-routing' });
    expect(zones.snapshot(zone.zoneId)).toBe(before);
    await settle('absent', [ours]);
    expect(zones.snapshot(zone.zoneId)).toBe(before);
  });

  it('refuses to be the ninth multivalue set', async () => {
    const values = Array.from({ length: 8 }, (_, index) => `"${index}"`);
    place({ values, ttl: 60, style: 'multivalue' });
    await expect(settle('present', [ours])).rejects.toMatchObject({
      code: 'route53.too-many-sets',
      message: expect.stringMatching(/ has at least 8 multivalue record sets already/) as string,
    });
  });
});

describe('name servers', () => {
  const answered = (ttl: number, ...values: readonly string[][]) =>
    ({ kind: 'answered', authoritative: true, values, ttl }) as const;

  it('that show what was refuted are passed over for one that shows something else', async () => {
    place({ values: ['"theirs"', '"more"'], ttl: 300, style: 'simple' });
    servers.answers.set('ns1', answered(300, ['theirs']));
    const refused = [{ name, ttl: 300, values: ['"theirs"'] }];
    await settle('present', [ours], refused);
    expect(stored()).toEqual(['"theirs"', '"more"', ours]);
    expect(clock.slept).toEqual([]);
  });

  it('that do not answer, or without authority, do not matter while one does', async () => {
    place({ values: ['"theirs"'], ttl: 300, style: 'simple' });
    servers.answers.set('ns1', { kind: 'unreachable', reason: 'timed out' });
    await settle('present', [ours]);
    expect(stored()).toEqual(['"theirs"', ours]);
  });

  it('that are all out of reach: the error names both ways out', async () => {
    place({ values: ['"theirs"'], ttl: 300, style: 'simple' });
    servers.answers.set('ns1', { kind: 'unreachable', reason: 'no answer within 2000 ms' });
    servers.answers.set('ns2', { ...answered(300, ['theirs']), authoritative: false });
    await expect(settle('present', [ours])).rejects.toMatchObject({
      code: 'dns.unreachable',
      message:
        '_acme-challenge.lan.example has values already, and no name server of lan.example tells which',
      hint: expect.stringMatching(
        /reach the zone's name servers on port 53.*or allow route53:ListResourceRecordSets on the zone$/,
      ) as string,
      details: ['name server: no answer within 2000 ms', 'name server: it answers without authority'],
    });
  });

  it('give each value with its strings apart, and it is spelled as Route 53 spells it', async () => {
    const values = [
      String.raw`"upper CASE" "in two strings"`,
      String.raw`"say \"hi\"; back\\slash"`,
      String.raw`"\303\274 and \011"`,
      '""',
      `"${'x'.repeat(255)}" "${'y'.repeat(40)}"`,
    ];
    place({ values, ttl: 77, style: 'simple' });
    const before = zones.snapshot(zone.zoneId);
    await settle('present', [ours]);
    await settle('absent', [ours]);
    expect(zones.snapshot(zone.zoneId)).toBe(before);
  });
});

function createOf(label: string): Parameters<ZoneStore['edit']>[1][number] {
  return {
    action: 'CREATE',
    recordSet: { name: `${label}.lan.example`, type: 'TXT', ttl: 10, values: ['"x"'] },
  };
}
