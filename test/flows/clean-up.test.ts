import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/journal.ts';
import { type DnsName, parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import {
  type CleanUpPorts,
  type CleanUpResult,
  cleanUpLeftovers,
  leftoverMs,
} from '../../src/flows/clean-up.ts';
import { cleanUpHost } from '../../src/flows/clean-up-host.ts';
import { systemRandom } from '../../src/io/random.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeJournalStore } from '../fakes/journal-store.ts';
import { FakeLock } from '../fakes/lock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { FakeRoute53 } from '../fakes/route53.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const zoneId = 'Z0TEST';
const name = parseDnsName('_acme-challenge.lan.example');
const [first, second] = ['a', 'b'].map((letter) => `"${letter.repeat(43)}"`) as [string, string];
const never = new AbortController().signal;
const like = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

let clock: FakeClock;
let zones: ZoneStore;
let route53: FakeRoute53;
let journal: FakeJournalStore;
let log: FakeLog;

beforeEach(() => {
  clock = new FakeClock();
  zones = new ZoneStore({ now: () => clock.now() });
  zones.addZone({ name: zone, id: zoneId });
  route53 = new FakeRoute53(zones);
  journal = new FakeJournalStore();
  log = new FakeLog();
});

function ports(): CleanUpPorts {
  const nameServers = new FakeNameServers(zones, zoneId);
  return {
    route53,
    clock,
    log,
    journal,
    random: systemRandom,
    nameServers: async () => await Promise.resolve(nameServers),
  };
}

/** An entry of the journal, on disk. */
async function remember(
  id: string,
  value: string,
  of: { zone?: DnsName; name?: DnsName } = {},
): Promise<void> {
  await journal.save({
    format: 1,
    id,
    certificate: parseCertificateName('lan.example'),
    zone: of.zone ?? zone,
    zoneId,
    createdAt: '2026-11-22T12:00:00Z',
    records: [{ name: of.name ?? name, value }],
    changeIds: [],
  });
}

function publish(values: readonly string[], ttl = 10, at: DnsName = name): void {
  zones.edit(zoneId, [{ action: 'CREATE', recordSet: { name: at, type: 'TXT', ttl, values } }]);
}

async function cleanUp(signal = never): Promise<CleanUpResult> {
  return await cleanUpLeftovers(await journal.entries(), { zone, aliases: [] }, ports(), leftoverMs, signal);
}

function idsOf(entries: readonly JournalEntry[]): readonly string[] {
  return entries.map(({ id }) => id);
}

describe('clean-up of what earlier runs left', () => {
  it('removes what we made alone in one request, then the note of it', async () => {
    const untouched = zones.snapshot(zoneId);
    publish([first]);
    await remember('one', first);
    const { removed, errors } = await cleanUp();
    expect({ removed: idsOf(removed), errors }).toEqual({ removed: ['one'], errors: [] });
    expect(zones.snapshot(zoneId)).toBe(untouched);
    expect(await journal.entries()).toEqual([]);
    expect(route53.calls).toEqual(['change']);
  });

  it('leaves the values of others, in their order and with their TTL', async () => {
    publish(['"theirs"', first, '"more"'], 300);
    await remember('one', first);
    await cleanUp();
    expect(zones.records(zoneId)).toContainEqual(
      expect.objectContaining({ ttl: 300, values: ['"theirs"', '"more"'] }),
    );
  });

  it('is done with what is gone already', async () => {
    await remember('one', first);
    const { removed, errors } = await cleanUp();
    expect({ removed: idsOf(removed), errors }).toEqual({ removed: ['one'], errors: [] });
    expect(await journal.entries()).toEqual([]);
    expect(route53.calls).toEqual(['change', 'recordSets']);
  });

  it('goes on with the next entry after one that fails, and tells where something is left', async () => {
    publish([first]);
    const other = parseDnsName('_acme-challenge.b.lan.example');
    publish([second], 10, other);
    await remember('one', first);
    await remember('two', second, { name: other });
    route53.admits = ({ changes }) => !changes.some(({ set }) => set.name === name);
    const { removed, errors } = await cleanUp();
    expect(idsOf(removed)).toEqual(['two']);
    expect(errors).toMatchObject([
      {
        code: 'route53.access-denied',
        message: like(/^challenge values are left at _acme-challenge\.lan\.example: not authorized/),
        hint: like(
          /the journal remembers the values: lanacme cleanup, and every later run, tries again; if zone Z0TEST was deleted/,
        ),
      },
    ]);
    expect(idsOf(await journal.entries())).toEqual(['one']);
  });

  it('of a delegated challenge is made where it was written, if that name is still listed', async () => {
    const at = parseDnsName('acme.lan.example');
    const untouched = zones.snapshot(zoneId);
    publish([first], 10, at);
    await remember('one', first, { name: at });
    expect((await cleanUp()).errors).toMatchObject([
      {
        code: 'names.alias-not-listed',
        message: like(/are left at acme\.lan\.example, where this run may not write/),
        hint: 'if CNAMEs of challenge names led there, run lanacme cleanup --challenge-alias acme.lan.example; if not, remove journal/one.json',
      },
    ]);
    expect(route53.calls).toEqual([]);
    const aliases = ['acme.lan.example'];
    const { errors } = await cleanUpLeftovers(
      await journal.entries(),
      { zone, aliases },
      ports(),
      leftoverMs,
      never,
    );
    expect([errors, zones.snapshot(zoneId)]).toEqual([[], untouched]);
  });

  it('does not write in another zone than the configured one, and says who can', async () => {
    await remember('one', first, { zone: parseDnsName('other.example') });
    const { removed, errors } = await cleanUp();
    expect(removed).toEqual([]);
    expect(errors).toMatchObject([
      { code: 'names.outside-zone', details: [name], hint: like(/lanacme cleanup --zone other\.example/) },
    ]);
    expect(route53.calls).toEqual([]);
    expect(await journal.entries()).toHaveLength(1);
  });

  it('says how to end an entry whose zone is deleted', async () => {
    route53.before = () => {
      throw new LanacmeError('route53.zone-not-found', 'there is no such zone', { hint: 'check --zone-id' });
    };
    await remember('one', first);
    expect((await cleanUp()).errors).toMatchObject([
      {
        code: 'route53.zone-not-found',
        hint: 'check --zone-id; if zone Z0TEST was deleted, the values went with it: then move journal/one.json out of the state folder',
      },
    ]);
    expect(await journal.entries()).toHaveLength(1);
  });

  it('does not write at a name that somebody put into the journal', async () => {
    await remember('one', first, { name: parseDnsName('www.lan.example') });
    expect((await cleanUp()).errors).toMatchObject([{ code: 'names.alias-not-listed' }]);
    expect(route53.calls).toEqual([]);
  });

  it('gives up after 15 s, and says so in words of its own', async () => {
    await remember('one', first);
    route53.change = async (_, signal?: AbortSignal) => {
      clock.move(15_000);
      return await Promise.reject(signal?.reason as Error);
    };
    expect((await cleanUp()).errors).toMatchObject([
      {
        code: 'route53.unreachable',
        message:
          'challenge values are left at _acme-challenge.lan.example: zone lan.example (Z0TEST) did not take the change within 15 s',
      },
    ]);
    expect(await journal.entries()).toHaveLength(1);
  });

  it('tells of a race that it lost for as long as that', async () => {
    publish([first, '"turn 0"']);
    await remember('one', first);
    let turn = 0;
    route53.before = (call) => {
      if (call !== 'change') return;
      const recordSet = { name, type: 'TXT', ttl: 10, values: [first, `"turn ${turn}"`] };
      turn += 1;
      zones.edit(zoneId, [
        { action: 'DELETE', recordSet },
        { action: 'CREATE', recordSet: { ...recordSet, values: [first, `"turn ${turn}"`] } },
      ]);
    };
    expect((await cleanUp()).errors).toMatchObject([{ code: 'route53.lost-race' }]);
  });

  it('ends what it has begun when a signal comes, all entries together in one batch', async () => {
    publish([first, second]);
    await remember('one', first);
    await remember('two', second);
    const controller = new AbortController();
    const interrupted = new LanacmeError('run.interrupted', 'SIGTERM', { hint: 'x' });
    route53.before = () => {
      controller.abort(interrupted);
    };
    await expect(cleanUp(controller.signal)).rejects.toBe(interrupted);
    expect(await journal.entries()).toEqual([]);
    expect(route53.calls).toEqual(['change']);
  });
});

describe('lanacme cleanup', () => {
  let lock: FakeLock;
  beforeEach(() => {
    lock = new FakeLock();
  });

  const run = async (dryRun = false) =>
    await cleanUpHost(
      { zone: { zone, aliases: [] }, dryRun, timeoutMs: 60_000 },
      { ...ports(), lock, route53: async () => await Promise.resolve(route53) },
      never,
    );

  it('asks nobody while the journal is empty', async () => {
    expect(await run()).toEqual({ found: [], removed: [], errors: [] });
    expect(lock.acquired).toBe(0);
  });

  it('has as long as was given to it', async () => {
    await remember('one', first);
    route53.change = async (_, signal?: AbortSignal) => {
      clock.move(59_000);
      expect(signal?.aborted).toBe(false);
      clock.move(1_000);
      return await Promise.reject(signal?.reason as Error);
    };
    const said = expect.stringMatching(/did not take the change within 60 s$/) as string;
    expect((await run()).errors).toMatchObject([{ code: 'route53.unreachable', message: said }]);
  });

  it('only says what there is in a dry run', async () => {
    await remember('one', first);
    const { found, removed } = await run(true);
    expect([idsOf(found), removed]).toEqual([['one'], []]);
    expect([route53.calls, lock.acquired]).toEqual([[], 0]);
  });

  it('removes under the lock what is still there then', async () => {
    publish([first, second]);
    await remember('one', first);
    await remember('two', second);
    lock.whileWaiting = async () => {
      await journal.remove('two');
    };
    const { found, removed } = await run();
    expect([idsOf(found), idsOf(removed)]).toEqual([['one'], ['one']]);
    expect([lock.acquired, lock.isHeld]).toEqual([1, false]);
    expect(zones.snapshot(zoneId)).toContain(second);
  });
});
