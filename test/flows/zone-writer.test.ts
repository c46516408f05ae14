import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import type { InSyncOutcome } from '../../src/flows/wait-in-sync.ts';
import { ZoneWriter } from '../../src/flows/zone-writer.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { FakeRoute53 } from '../fakes/route53.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = { zone: parseDnsName('lan.example'), zoneId: 'Z0TEST', aliases: [] };
const begin = Date.parse('2026-11-22T04:00:00Z');
const never = (): AbortSignal => new AbortController().signal;
const interrupted = new LanacmeError('run.interrupted', 'SIGTERM', { hint: 'x' });

let clock: VirtualClock;
let zones: ZoneStore;
let route53: FakeRoute53;
let log: FakeLog;
let writer: ZoneWriter;
/** Each call to Route 53 as `3 s change`. */
let calls: string[];

beforeEach(() => {
  clock = new VirtualClock();
  zones = new ZoneStore({ now: () => clock.now(), delayMs: 5_000 });
  zones.addZone({ name: zone.zone, id: zone.zoneId });
  route53 = new FakeRoute53(zones);
  calls = [];
  route53.before = (call) => calls.push(`${seconds()} s ${call}`);
  log = new FakeLog();
  const nameServers = new FakeNameServers(zones, zone.zoneId);
  writer = new ZoneWriter(zone, {
    route53,
    clock,
    log,
    random: { number: () => 0.5, hex: () => '' },
    nameServers: async () => await Promise.resolve(nameServers),
  });
});

const seconds = (): number => (clock.now().getTime() - begin) / 1000;

/** What one order has in the journal. */
function entryOf(label: string, value = label, name = `_acme-challenge.${label}.lan.example`): JournalEntry {
  return {
    format: 1,
    id: label,
    certificate: parseCertificateName(`${label}.lan.example`),
    zone: zone.zone,
    zoneId: zone.zoneId,
    createdAt: '2026-11-22T04:00:00Z',
    records: [{ name: parseDnsName(name), value: `"${value.padEnd(43, 'v')}"` }],
    changeIds: [],
  };
}

async function publish(entry: JournalEntry, signal = never()): Promise<InSyncOutcome> {
  const accepted = async (): Promise<void> => {
    await Promise.resolve();
  };
  return await writer.publish(entry, { timeoutMs: 600_000, accepted }, signal);
}

async function remove(entry: JournalEntry, hurry = never()): Promise<boolean> {
  return await writer.remove(entry, { timeoutMs: 60_000, hurry }, never());
}

async function after(milliseconds: number, act: () => Promise<unknown>): Promise<unknown> {
  await clock.sleep(milliseconds, never());
  return await act();
}

/** How many values each batch made and took away, with the second at which it was taken. */
function batches(): readonly string[] {
  return zones.changes(zone.zoneId).map(({ changes, submittedAt }) => {
    const valuesOf = (wanted: string): number =>
      changes
        .filter(({ action }) => action === wanted)
        .reduce((sum, { recordSet }) => sum + (recordSet.values?.length ?? 0), 0);
    return `${(submittedAt.getTime() - begin) / 1000} s: +${valuesOf('CREATE')} -${valuesOf('DELETE')}`;
  });
}

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((label) => entryOf(label)) as [
  JournalEntry,
  JournalEntry,
  JournalEntry,
  JournalEntry,
];

describe('values to publish', () => {
  it('of one order go at once; those that come while its change is PENDING go together into the next', async () => {
    await clock.run(
      Promise.all([
        publish(a),
        after(500, async () => await publish(b)),
        after(2_000, async () => await publish(c)),
      ]),
    );
    expect(batches()).toEqual(['0 s: +1 -0', '5 s: +2 -0']);
    expect(calls).toEqual([
      '0 s change',
      '1 s isInSync',
      '5 s isInSync',
      '5 s change',
      '6 s isInSync',
      '10 s isInSync',
    ]);
  });

  it('that are asked for in one go are one batch', async () => {
    expect(await clock.run(Promise.all([a, b, c].map(async (entry) => await publish(entry))))).toEqual([
      'in-sync',
      'in-sync',
      'in-sync',
    ]);
    expect(batches()).toEqual(['0 s: +3 -0']);
    expect(zones.changes(zone.zoneId)[0]?.comment).toBe(
      'lanacme a.lan.example, b.lan.example, c.lan.example',
    );
  });

  it('of several orders at one name are one set', async () => {
    const same = ['one', 'two'].map((label) => entryOf(label, label, '_acme-challenge.lan.example'));
    await clock.run(Promise.all(same.map(async (entry) => await publish(entry))));
    expect(batches()).toEqual(['0 s: +2 -0']);
    await clock.run(Promise.all(same.map(async (entry) => await remove(entry))));
    expect(batches().slice(1)).toEqual(['5 s: +0 -2']);
    expect(calls.filter((call) => call.endsWith('recordSets'))).toEqual([]);
  });

  it('that are refused for one order go alone for each, and the newest change is asked for first', async () => {
    route53.admits = ({ changes }) => !changes.some(({ set }) => set.name.includes('.b.'));
    const asked: string[] = [];
    const isInSync = route53.isInSync.bind(route53);
    route53.isInSync = async (id) => {
      const change = zones.changes(zone.zoneId).findIndex((other) => other.id === id);
      asked.push(`${seconds()} s change ${change}`);
      return await isInSync(id);
    };
    const ends = await clock.run(Promise.allSettled([a, b, c].map(async (entry) => await publish(entry))));
    expect(ends).toMatchObject([
      { value: 'in-sync' },
      { reason: { code: 'route53.access-denied' } },
      { value: 'in-sync' },
    ]);
    expect(batches()).toEqual(['0 s: +1 -0', '0 s: +1 -0']);
    expect(asked).toEqual(['1 s change 1', '5 s change 1', '5 s change 0']);
  });

  it('that a CNAME is in the way of go without the others, which stay together', async () => {
    const recordSet = {
      name: '_acme-challenge.b.lan.example',
      type: 'CNAME',
      ttl: 60,
      values: ['x.example.'],
    };
    zones.edit(zone.zoneId, [{ action: 'CREATE', recordSet }]);
    const ends = await clock.run(Promise.allSettled([a, b, c, d].map(async (entry) => await publish(entry))));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(batches().slice(1)).toEqual(['0 s: +3 -0']);
  });

  it('are not sent any more once nobody wants them, and their removal costs nothing', async () => {
    const aborting = new AbortController();
    const ends = clock.run(
      Promise.allSettled([
        publish(a),
        after(500, async () => await publish(b, aborting.signal)),
        after(1_000, async () => {
          aborting.abort(interrupted);
          return await remove(b, aborting.signal);
        }),
      ]),
    );
    expect(await ends).toMatchObject([{ value: 'in-sync' }, { reason: interrupted }, { value: false }]);
    expect(batches()).toEqual(['0 s: +1 -0']);
  });

  it('at a set that is too large to be swapped are refused with the reason', async () => {
    const values = Array.from({ length: 100 }, (_, index) => `"${String(index).padStart(160, 'x')}"`);
    const recordSet = { name: '_acme-challenge.a.lan.example', type: 'TXT', ttl: 300, values };
    zones.edit(zone.zoneId, [{ action: 'CREATE', recordSet }]);
    await expect(clock.run(publish(a))).rejects.toMatchObject({
      code: 'route53.set-too-large',
      message:
        'the TXT set at _acme-challenge.a.lan.example in zone lan.example is too large to be changed in one batch',
      details: ['replacing it would take 201 values and 32445 characters'],
    });
  });
});

describe('a removal', () => {
  it('of the only order waits for nobody', async () => {
    await clock.run(publish(a));
    expect(await clock.run(remove(a))).toBe(true);
    expect(batches()).toEqual(['0 s: +1 -0', '5 s: +0 -1']);
  });

  it('waits for those of the orders that are under way, and the last of them takes all along', async () => {
    await clock.run(Promise.all([a, b, c].map(async (entry) => await publish(entry))));
    await clock.run(
      Promise.all([
        remove(a),
        after(1_000, async () => await remove(b)),
        after(2_000, async () => await remove(c)),
      ]),
    );
    expect(batches().slice(1)).toEqual(['7 s: +0 -3']);
  });

  it('waits no longer than 5 s', async () => {
    await clock.run(Promise.all([a, b].map(async (entry) => await publish(entry))));
    await clock.run(remove(a));
    expect(batches().slice(1)).toEqual(['10 s: +0 -1']);
  });

  it('goes along with values that are published', async () => {
    await clock.run(Promise.all([a, b].map(async (entry) => await publish(entry))));
    await clock.run(Promise.all([remove(a), after(1_000, async () => await publish(c))]));
    expect(batches().slice(1)).toEqual(['6 s: +1 -1']);
    expect(zones.changes(zone.zoneId)[1]?.comment).toBe('lanacme c.lan.example; clean-up of a.lan.example');
  });

  it('waits no more as soon as somebody waits for the end', async () => {
    await clock.run(Promise.all([a, b].map(async (entry) => await publish(entry))));
    const hurry = new AbortController();
    const aborted = after(1_000, async () => {
      hurry.abort(interrupted);
      await Promise.resolve();
    });
    await clock.run(Promise.all([remove(a, hurry.signal), aborted]));
    expect(batches().slice(1)).toEqual(['6 s: +0 -1']);
  });

  it('leaves a value that another certificate proves the same name with; that one takes it out', async () => {
    const [one, two] = ['one', 'two'].map((label) => entryOf(label, 'shared', '_acme-challenge.lan.example'));
    await clock.run(Promise.all([publish(one!), publish(two!)]));
    expect(await clock.run(remove(one!))).toBe(true);
    expect(zones.snapshot(zone.zoneId)).toContain('"shared');
    await clock.run(remove(two!));
    expect(zones.snapshot(zone.zoneId)).not.toContain('"shared');
    expect(batches()).toHaveLength(2);
  });

  it('fails for itself when it is refused', async () => {
    await clock.run(Promise.all([a, b].map(async (entry) => await publish(entry))));
    route53.admits = ({ changes }) => !changes.some(({ set }) => set.name.includes('.a.'));
    const ends = await clock.run(Promise.allSettled([remove(a), remove(b)]));
    expect(ends).toMatchObject([{ reason: { code: 'route53.access-denied' } }, { value: true }]);
    expect(zones.snapshot(zone.zoneId)).not.toContain('_acme-challenge.b.');
  });
});
