import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quoteTxt } from '../../src/core/challenge-value.ts';
import { addValues, createSets, removeValues, touch } from '../../src/core/compare-and-swap.ts';
import { type GuardedBatch, guard } from '../../src/core/guard.ts';
import type { JournalRecord } from '../../src/core/journal.ts';
import { parseDnsName } from '../../src/core/names.ts';
import type { Change, ForeignRouting } from '../../src/core/record-set.ts';
import type { Route53 } from '../../src/ports.ts';
import type { NewZone } from '../world/zone-store.ts';
import { ZoneStore } from '../world/zone-store.ts';

export interface Route53Subject {
  readonly route53: Route53;
  stop(): Promise<void>;
}

const zoneName = parseDnsName('lan.example');
const name = parseDnsName('_acme-challenge.nas.lan.example');
const foreign = '"of somebody \\"else\\"" "in two strings"';
const zoneId = 'Z0123456789EXAMPLE';
const signal = new AbortController().signal;
const value = (letter: string) => quoteTxt(letter.repeat(43));
const record = (letter: string): JournalRecord => ({ name, value: value(letter) });

/** What the flows rely on, of the fake and of the adapter alike. */
export function route53Contract(title: string, start: (store: ZoneStore) => Promise<Route53Subject>): void {
  let store: ZoneStore;
  let subject: Route53Subject;
  let route53: Route53;

  const guarded = (changes: readonly Change[], journalled: readonly JournalRecord[]): GuardedBatch =>
    guard(changes, { zone: zoneName, zoneId, aliases: [], journalled }, 'lanacme nas');
  const addZone = (zone: Partial<NewZone> = {}) =>
    store.addZone({ name: 'lan.example', id: zoneId, ...zone });
  const foreignSet = (more: object = {}) => ({
    name: `${name}.`,
    type: 'TXT',
    ttl: 300,
    values: [foreign],
    ...more,
  });

  describe(`Route 53: ${title}`, () => {
    beforeEach(async () => {
      store = new ZoneStore({ delayMs: Number.POSITIVE_INFINITY });
      subject = await start(store);
      route53 = subject.route53;
    });
    afterEach(async () => {
      await subject.stop();
    });

    it('signs in', async () => {
      await route53.signIn(signal);
    });

    it('finds the zones with exactly the name, public and private', async () => {
      addZone();
      addZone({ id: 'ZPRIVATE', isPrivate: true });
      addZone({ id: 'ZLATER', name: 'lana.example' });
      addZone({ id: 'ZBELOW', name: 'a.lan.example' });
      addZone({ id: 'ZABOVE', name: 'example' });
      const zones = await route53.hostedZones(zoneName, signal);
      expect([...zones].sort((one, other) => one.id.localeCompare(other.id))).toEqual([
        { id: zoneId, name: zoneName, isPrivate: false },
        { id: 'ZPRIVATE', name: zoneName, isPrivate: true },
      ]);
    });

    it('finds no zone where only later names are listed', async () => {
      addZone({ name: 'lanz.example' });
      expect(await route53.hostedZones(zoneName, signal)).toEqual([]);
    });

    it('creates a set, lists it while it is PENDING, tells when it is INSYNC', async () => {
      addZone();
      const answer = await route53.change(guarded(createSets([record('a')]), [record('a')]), signal);
      expect(answer).toMatchObject({ kind: 'accepted', inSync: false });
      expect(await route53.recordSets(zoneId, name, signal)).toEqual([
        { name, ttl: 10, values: [value('a')] },
      ]);
      const changeId = answer.kind === 'accepted' ? answer.changeId : '';
      expect(changeId).toMatch(/^[A-Z0-9]+$/);
      expect(await route53.isInSync(changeId, signal)).toBe(false);
      store.syncAll();
      expect(await route53.isInSync(changeId, signal)).toBe(true);
    });

    it('lists nothing at a name that has only neighbours', async () => {
      addZone({
        records: [
          foreignSet({ name: `a.${name}.` }),
          foreignSet({ name: 'z.lan.example.' }),
          foreignSet({ type: 'SPF' }),
        ],
      });
      expect(await route53.recordSets(zoneId, name, signal)).toEqual([]);
    });

    it('lists values byte for byte, and swaps the set with its TTL', async () => {
      addZone({ records: [foreignSet()] });
      const before = await route53.recordSets(zoneId, name, signal);
      expect(before).toEqual([{ name, ttl: 300, values: [foreign] }]);
      const joined = await route53.change(
        guarded(addValues(before, name, [value('a')]), [record('a')]),
        signal,
      );
      expect(joined.kind).toBe('accepted');
      const between = await route53.recordSets(zoneId, name, signal);
      expect(between).toEqual([{ name, ttl: 300, values: [foreign, value('a')] }]);
      const touched = await route53.change(
        guarded(touch(between, name, [value('a')]), [record('a')]),
        signal,
      );
      expect(touched.kind).toBe('accepted');
      const left = await route53.change(
        guarded(removeValues(between, name, [value('a')]), [record('a')]),
        signal,
      );
      expect(left.kind).toBe('accepted');
      expect(await route53.recordSets(zoneId, name, signal)).toEqual(before);
    });

    it('lists every set of a name that has several, and adds one of its own beside them', async () => {
      const setIdentifier = 'someone';
      addZone({ records: [foreignSet({ setIdentifier, multiValueAnswer: true })] });
      const before = await route53.recordSets(zoneId, name, signal);
      expect(before).toEqual([{ name, ttl: 300, values: [foreign], setIdentifier }]);
      const answer = await route53.change(
        guarded(addValues(before, name, [value('a')]), [record('a')]),
        signal,
      );
      expect(answer.kind).toBe('accepted');
      expect(await route53.recordSets(zoneId, name, signal)).toHaveLength(2);
    });

    it('makes several sets of one name, each with its identifier, and takes them away', async () => {
      const setIdentifier = foreign;
      addZone({ records: [foreignSet({ setIdentifier, multiValueAnswer: true })] });
      const before = store.snapshot(zoneId);
      const sets = await route53.recordSets(zoneId, name, signal);
      const ours = [record('a'), record('b')];
      const values = ours.map((each) => each.value);
      const added = await route53.change(guarded(addValues(sets, name, values), ours), signal);
      expect(added.kind).toBe('accepted');
      const joined = await route53.recordSets(zoneId, name, signal);
      expect(joined).toEqual(
        expect.arrayContaining([
          ...sets,
          ...values.map((each) => ({ name, ttl: 300, values: [each], setIdentifier: each })),
        ]),
      );
      const touched = await route53.change(guarded(touch(joined, name, values), ours), signal);
      expect(touched.kind).toBe('accepted');
      const removed = await route53.change(guarded(removeValues(joined, name, values), ours), signal);
      expect(removed.kind).toBe('accepted');
      expect(store.snapshot(zoneId)).toBe(before);
    });

    it.each<[ForeignRouting, object]>([
      ['weighted', { setIdentifier: 'x', weight: 0 }],
      ['latency', { setIdentifier: 'x', region: 'eu-central-1' }],
      ['failover', { setIdentifier: 'x', failover: 'PRIMARY', healthCheckId: 'h' }],
      ['geolocation', { setIdentifier: 'x', geoLocation: { countryCode: 'DE' } }],
      ['CIDR', { setIdentifier: 'x', cidrRoutingConfig: { collectionId: 'c', locationName: '*' } }],
    ])(
      'tells that a set is %s, and repeats nothing of it that it could not repeat',
      async (routing, more) => {
        addZone({ records: [foreignSet(more)] });
        expect(await route53.recordSets(zoneId, name, signal)).toEqual([
          { name, ttl: 300, values: [foreign], setIdentifier: 'x', routing },
        ]);
      },
    );

    it('tells an alias, which has no values', async () => {
      const aliasTarget = { hostedZoneId: zoneId, dnsName: 'x.lan.example', evaluateTargetHealth: false };
      addZone({ records: [{ name: `${name}.`, type: 'TXT', aliasTarget }] });
      expect(await route53.recordSets(zoneId, name, signal)).toEqual([
        { name, ttl: 0, values: [], routing: 'alias' },
      ]);
    });

    it.each<[string, object]>([
      ['multivalue', { multiValueAnswer: true }],
      ['weighted', { weight: 1 }],
    ])('refuses a simple set beside %s ones as other-style', async (_, more) => {
      addZone({ records: [foreignSet({ setIdentifier: 'x', ...more })] });
      const simple = await route53.change(guarded(createSets([record('a')]), [record('a')]), signal);
      expect(simple).toMatchObject({ kind: 'refused', refusals: [{ kind: 'other-style', name }] });
    });

    it('refuses a multivalue set beside a simple one as other-style', async () => {
      addZone({ records: [foreignSet()] });
      const beside = [{ name, ttl: 300, values: [foreign], setIdentifier: 'x', isServed: true as const }];
      const answer = await route53.change(
        guarded(addValues(beside, name, [value('a')]), [record('a')]),
        signal,
      );
      expect(answer).toMatchObject({ kind: 'refused', refusals: [{ kind: 'other-style', name }] });
    });

    it('says which of several sets is gone, and which is another', async () => {
      const [gone, changed] = [value('a'), value('b')];
      addZone({
        records: [foreignSet({ values: [changed], setIdentifier: changed, multiValueAnswer: true, ttl: 60 })],
      });
      const sets = [gone, changed].map((each) => ({
        name,
        ttl: 10,
        values: [each],
        setIdentifier: each,
      }));
      const answer = await route53.change(
        guarded(removeValues(sets, name, [gone, changed]), [record('a'), record('b')]),
        signal,
      );
      expect(answer).toMatchObject({
        kind: 'refused',
        refusals: [
          { kind: 'not-found', name, setIdentifier: gone },
          { kind: 'values-differ', name, setIdentifier: changed },
        ],
      });
    });

    it.each<[string, string, () => readonly Change[]]>([
      ['exists', 'somebody was there first', () => createSets([record('a')])],
      [
        'values-differ',
        'the set is another by now',
        () => removeValues([{ name, ttl: 300, values: [value('a')] }], name, [value('a')]),
      ],
    ])('refuses a batch as %s when %s, and changes nothing', async (kind, _title, changes) => {
      addZone({ records: [foreignSet()] });
      const before = store.snapshot(zoneId);
      const answer = await route53.change(guarded(changes(), [record('a')]), signal);
      expect(answer).toMatchObject({ kind: 'refused', refusals: [{ kind, name }] });
      expect(store.snapshot(zoneId)).toBe(before);
    });

    it('refuses to delete what is gone as not-found', async () => {
      addZone();
      const gone = removeValues([{ name, ttl: 10, values: [value('a')] }], name, [value('a')]);
      const answer = await route53.change(guarded(gone, [record('a')]), signal);
      expect(answer).toMatchObject({ kind: 'refused', refusals: [{ kind: 'not-found', name }] });
    });

    it('refuses a set beside a CNAME as cname-in-the-way', async () => {
      addZone({
        records: [{ name: `${name}.`, type: 'CNAME', ttl: 300, values: ['elsewhere.lan.example.'] }],
      });
      const answer = await route53.change(guarded(createSets([record('a')]), [record('a')]), signal);
      expect(answer).toMatchObject({ kind: 'refused', refusals: [{ kind: 'cname-in-the-way', name }] });
    });
  });
}
