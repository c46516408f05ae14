import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quoteTxt } from '../../src/core/challenge-value.ts';
import { addValues, createSets, removeValues, touch } from '../../src/core/compare-and-swap.ts';
import { type GuardedBatch, guard } from '../../src/core/guard.ts';
import type { JournalRecord } from '../../src/core/journal.ts';
import { parseDnsName } from '../../src/core/names.ts';
import type { Change } from '../../src/core/record-set.ts';
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
