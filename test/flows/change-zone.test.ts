import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalRecord } from '../../src/core/journal.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { changeZone, type TargetZone, type ZoneAtHand } from '../../src/flows/change-zone.ts';
import { ZoneOrder } from '../../src/flows/zone-order.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { accessDenied, FakeRoute53 } from '../fakes/route53.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone: TargetZone = { zone: parseDnsName('lan.example'), zoneId: 'Z0TEST', aliases: [] };
const [apex, host] = ['_acme-challenge.lan.example', '_acme-challenge.a.lan.example'].map(parseDnsName) as [
  ReturnType<typeof parseDnsName>,
  ReturnType<typeof parseDnsName>,
];
const records: readonly JournalRecord[] = [
  { name: apex, value: `"${'a'.repeat(43)}"` },
  { name: host, value: `"${'b'.repeat(43)}"` },
];
const never = new AbortController().signal;

let clock: FakeClock;
let zones: ZoneStore;
let route53: FakeRoute53;
let servers: FakeNameServers;
let atHand: ZoneAtHand;

beforeEach(() => {
  clock = new FakeClock();
  zones = new ZoneStore({ now: () => clock.now() });
  zones.addZone({ name: zone.zone, id: zone.zoneId });
  route53 = new FakeRoute53(zones);
  servers = new FakeNameServers(zones, zone.zoneId);
  atHand = { ...zone, known: new Map() };
});

function order(goal: 'present' | 'absent', of: readonly JournalRecord[] = records, name = 'test'): ZoneOrder {
  const certificate = parseCertificateName(name);
  const made = new ZoneOrder({ goal, records: of, certificate, timeoutMs: 60_000 }, never);
  made.ended.catch(() => undefined);
  return made;
}

/** The ids of the orders' changes, or what they failed with. */
async function changeTogether(...orders: readonly ZoneOrder[]): Promise<readonly unknown[]> {
  await changeZone(orders, atHand, {
    route53,
    clock,
    log: new FakeLog(),
    random: { number: () => 0.5, hex: () => '' },
    nameServers: async () => await Promise.resolve(servers),
  });
  return await Promise.all(
    orders.map(async (one) => {
      if (!one.isOver) one.settle();
      return await one.ended.then(
        () => one.changeIds,
        (error: unknown) => error,
      );
    }),
  );
}

async function change(goal: 'present' | 'absent'): Promise<readonly string[]> {
  const one = order(goal);
  const [ended] = await changeTogether(one);
  if (!Array.isArray(ended)) throw ended;
  return one.changeIds;
}

function edit(action: string, name: string, type: string, values: readonly string[]): void {
  zones.edit(zone.zoneId, [{ action, recordSet: { name, type, ttl: 300, values } }]);
}

/** Another writer who is there before each of the next changes. */
function race(times: number, name: string): void {
  let turn = 0;
  edit('CREATE', name, 'TXT', ['"turn 0"']);
  route53.before = (call) => {
    if (call !== 'change' || turn === times) return;
    edit('DELETE', name, 'TXT', [`"turn ${turn}"`]);
    turn += 1;
    edit('CREATE', name, 'TXT', [`"turn ${turn}"`]);
  };
}

describe('a change to the zone', () => {
  it('is one batch for all names, with a comment that says who wrote it', async () => {
    const [id] = await change('present');
    expect(zones.changes(zone.zoneId)).toMatchObject([{ id, comment: 'lanacme test' }]);
    expect(zones.changes(zone.zoneId)[0]?.changes.map(({ action }) => action)).toEqual(['CREATE', 'CREATE']);
  });

  it('is nothing at all if the goal is known to be reached', async () => {
    for (const { name } of records) atHand.known.set(name, []);
    expect(await change('absent')).toEqual([]);
    expect(route53.calls).toEqual([]);
  });

  it('reads only the name at which somebody else was', async () => {
    edit('CREATE', host, 'TXT', ['"theirs"']);
    const read: string[] = [];
    const recordSets = route53.recordSets.bind(route53);
    route53.recordSets = async (id, name) => {
      read.push(name);
      return await recordSets(id, name);
    };
    await change('present');
    expect(read).toEqual([host]);
    expect(atHand.known.get(host)).toMatchObject([{ ttl: 300, values: ['"theirs"', records[1]?.value] }]);
  });

  it('keeps what it has read of one name when another writer comes to the next', async () => {
    edit('CREATE', apex, 'TXT', ['"theirs"']);
    let changes = 0;
    route53.before = (call) => {
      if (call === 'change') changes += 1;
      if (call === 'change' && changes === 2) edit('CREATE', host, 'TXT', ['"theirs too"']);
    };
    await change('present');
    expect(route53.calls).toEqual(['change', 'recordSets', 'change', 'recordSets', 'change']);
  });

  it('takes our values out again by what it has put in, without reading', async () => {
    edit('CREATE', host, 'TXT', ['"theirs"']);
    const before = zones.snapshot(zone.zoneId);
    await change('present');
    const reads = route53.calls.length;
    await change('absent');
    expect(route53.calls.slice(reads)).toEqual(['change']);
    expect(zones.snapshot(zone.zoneId)).toBe(before);
  });

  it('reads soon after the first race, then waits longer each time, at most 30 s', async () => {
    race(9, apex);
    await change('present');
    expect(clock.slept).toEqual([500, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 14_000]);
  });

  it('waits the longer the more others are in the set', async () => {
    const values = Array.from({ length: 20 }, (_, index) => `"host ${index}"`);
    edit('CREATE', apex, 'TXT', values);
    route53.before = (call) => {
      if (call === 'change' && clock.slept.length === 1) edit('CREATE', host, 'TXT', ['"theirs"']);
    };
    await change('present');
    expect(clock.slept).toEqual([500, 10_000]);
  });

  it('ends when other writers are there first for too long', async () => {
    race(Infinity, apex);
    await expect(change('present')).rejects.toMatchObject({
      code: 'route53.lost-race',
      message: `other writers kept changing ${apex}, ${host} for 60 s`,
    });
    expect(clock.now().getTime() - Date.parse('2026-11-22T12:00:00Z')).toBeLessThan(70_000);
  });

  it('of several orders is still one batch when a look at a crowded name fails', async () => {
    const values = ['"one"', '"two"', '"three"'];
    edit('CREATE', apex, 'TXT', values);
    atHand.known.set(apex, [{ name: apex, ttl: 300, values }]);
    route53.before = (call) => {
      if (call === 'recordSets') throw new LanacmeError('route53.unreachable', 'no way', { hint: 'x' });
    };
    const [one, two] = records.map((record, index) => order('present', [record], `order-${index}`));
    expect(await changeTogether(one!, two!)).toEqual([[expect.any(String)], [expect.any(String)]]);
    expect(route53.calls).toEqual(['recordSets', 'change']);
  });

  it('is not made beside a CNAME', async () => {
    edit('CREATE', host, 'CNAME', ['elsewhere.example.']);
    const before = zones.snapshot(zone.zoneId);
    await expect(change('present')).rejects.toMatchObject({
      code: 'route53.cname-in-the-way',
      message: `${host} is a CNAME in zone lan.example`,
    });
    expect(zones.snapshot(zone.zoneId)).toBe(before);
    expect(route53.calls).toEqual(['change']);
  });

  it('is refused for good if the id is that of another zone', async () => {
    zones.removeZone(zone.zoneId);
    zones.addZone({ name: 'other.example', id: zone.zoneId });
    await expect(change('present')).rejects.toMatchObject({
      code: 'route53.batch-refused',
      message: 'Route 53 refused the change to zone lan.example (Z0TEST)',
      hint: 'check that --zone and --zone-id name the same hosted zone',
    });
  });

  it('cannot be made if neither Route 53 nor a name server tells what is there', async () => {
    edit('CREATE', host, 'TXT', ['"theirs"']);
    route53.before = (call) => {
      if (call === 'recordSets') throw accessDenied('ListResourceRecordSets');
    };
    servers.answers.set('ns1', { kind: 'unreachable', reason: 'timed out' });
    await expect(change('present')).rejects.toMatchObject({ code: 'dns.unreachable' });
  });
});
