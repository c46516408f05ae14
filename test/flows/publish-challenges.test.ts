import { beforeEach, describe, expect, it } from 'vitest';
import { challengeValue, quoteTxt } from '../../src/core/challenge-value.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { LanacmeError, SeveralErrors } from '../../src/errors.ts';
import { whilePublished } from '../../src/flows/publish-challenges.ts';
import { ZoneWriter } from '../../src/flows/zone-writer.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeJournalStore } from '../fakes/journal-store.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { accessDenied, FakeRoute53 } from '../fakes/route53.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const name = parseDnsName('_acme-challenge.lan.example');
const values = ['one', 'two'].map((token) => quoteTxt(challengeValue(token, 'thumbprint')));
const records = values.map((value) => ({ name, value }));
const certificate = parseCertificateName('lan.example');
const theirs = { name: '_acme-challenge.lan.example', type: 'TXT', ttl: 300, values: ['"theirs"'] };
const zoneId = 'Z0TEST';
const never = new AbortController().signal;

let clock: FakeClock;
let zones: ZoneStore;
let route53: FakeRoute53;
let journal: FakeJournalStore;
let log: FakeLog;
let servers: FakeNameServers;

beforeEach(() => {
  clock = new FakeClock();
  zones = new ZoneStore({ now: () => clock.now(), delayMs: 5_000 });
  zones.addZone({ name: 'lan.example', id: zoneId });
  route53 = new FakeRoute53(zones);
  journal = new FakeJournalStore();
  log = new FakeLog();
  servers = new FakeNameServers(zones, zoneId);
});

/** With the removal awaited. */
async function publish<T>(
  body: () => Promise<T>,
  signal = never,
): Promise<{ readonly value: T; readonly leftBehind: readonly LanacmeError[] }> {
  const random = { number: () => 0.5, hex: () => 'abcdef' };
  const nameServers = async () => await Promise.resolve(servers);
  const writer = new ZoneWriter({ zone, zoneId, aliases: [] }, { route53, clock, log, random, nameServers });
  const { value, leftBehind } = await whilePublished(
    { certificate, records, dnsTimeoutMs: 600_000 },
    { writer, clock, log, journal, random, nameServers },
    signal,
    body,
  );
  return { value, leftBehind: await leftBehind };
}

const nothing = async (): Promise<void> => {
  await Promise.resolve();
};

describe('while challenges are published', () => {
  it('every name server serves them, and afterwards the zone is as it was', async () => {
    const before = zones.snapshot(zoneId);
    const served = await publish(async () => await Promise.resolve(zones.snapshot(zoneId, 'served')));
    expect(served.leftBehind).toEqual([]);
    for (const value of values) expect(served.value).toContain(value);
    expect(zones.snapshot(zoneId)).toBe(before);
    expect(await journal.entries()).toEqual([]);
  });

  it('Route 53 is asked twice, and for the change in between: after 1 s, then every 4 s', async () => {
    zones.delayMs = 14_000;
    await publish(nothing);
    expect(route53.calls).toEqual(['change', ...Array<string>(5).fill('isInSync'), 'change']);
    expect(clock.slept).toEqual([1_000, 4_000, 4_000, 4_000, 4_000]);
  });

  it('the journal has the values before the first byte is sent, and is empty only after they are gone', async () => {
    const seen: string[] = [];
    route53.before = (call) => {
      if (call === 'change') seen.push(journal.history.join(', '));
    };
    await publish(nothing);
    expect(seen).toEqual(['save 0 change ids', 'save 0 change ids, save 1 change ids']);
    expect(journal.history.at(-1)).toBe('remove');
  });

  it('a set that somebody else has at the name is joined, and left as it was, TTL and all', async () => {
    zones.edit(zoneId, [{ action: 'CREATE', recordSet: theirs }]);
    const before = zones.snapshot(zoneId);
    const { value } = await publish(async () => await Promise.resolve(zones.records(zoneId)));
    const joined = value.find((set) => set.type === 'TXT');
    expect(joined).toMatchObject({ ttl: 300, values: ['"theirs"', ...values] });
    expect(zones.snapshot(zoneId)).toBe(before);
    expect(route53.calls.filter((call) => call === 'recordSets')).toHaveLength(1);
  });

  it('a set is joined without the right to list, by what a name server says of it', async () => {
    zones.edit(zoneId, [{ action: 'CREATE', recordSet: theirs }]);
    const before = zones.snapshot(zoneId);
    route53.before = (call) => {
      if (call === 'recordSets') throw accessDenied('ListResourceRecordSets');
    };
    await publish(nothing);
    expect(zones.snapshot(zoneId)).toBe(before);
  });

  it('a value that a third party adds in the middle survives', async () => {
    await publish(async () => {
      const [set] = zones.records(zoneId).filter(({ type }) => type === 'TXT');
      zones.edit(zoneId, [
        { action: 'DELETE', recordSet: set! },
        { action: 'CREATE', recordSet: { ...set!, values: [...set!.values, '"late"'] } },
      ]);
      await Promise.resolve();
    });
    const [left] = zones.records(zoneId).filter(({ type }) => type === 'TXT');
    expect(left?.values).toEqual(['"late"']);
  });

  it('losing the race again and again ends at --dns-timeout, with nothing of ours in the zone', async () => {
    let turn = 0;
    zones.edit(zoneId, [{ action: 'CREATE', recordSet: theirs }]);
    route53.before = (call) => {
      if (call !== 'change' || clock.now() > new Date('2026-11-22T12:30:00Z')) return;
      turn += 1;
      const [set] = zones.records(zoneId).filter(({ type }) => type === 'TXT');
      zones.edit(zoneId, [
        { action: 'DELETE', recordSet: set! },
        { action: 'CREATE', recordSet: { ...theirs, values: [`"turn ${turn}"`] } },
      ]);
    };
    await expect(publish(nothing)).rejects.toMatchObject({ code: 'route53.lost-race' });
    const [left] = zones.records(zoneId).filter(({ type }) => type === 'TXT');
    expect(left?.values).toEqual([`"turn ${turn}"`]);
    expect(await journal.entries()).toEqual([]);
  });

  it('a change whose answer was lost is sent again unchanged, so that its INSYNC is known', async () => {
    let first = true;
    const real = route53.change.bind(route53);
    route53.change = async (batch) => {
      const answer = await real(batch);
      if (!first) return answer;
      first = false;
      // What a retry of the adapter sees after the first answer got lost on its way.
      return await real(batch);
    };
    await publish(nothing);
    expect(zones.snapshot(zoneId)).not.toContain('acme-challenge');
  });
});

describe('when something fails', () => {
  it('in the body: the zone is cleaned up and the failure is told', async () => {
    const before = zones.snapshot(zoneId);
    const failure = new LanacmeError('acme.challenge-failed', 'no', { hint: 'x' });
    await expect(publish(async () => await Promise.reject(failure))).rejects.toBe(failure);
    expect(zones.snapshot(zoneId)).toBe(before);
    expect(await journal.entries()).toEqual([]);
  });

  it('by an abort: the zone is cleaned up all the same', async () => {
    const before = zones.snapshot(zoneId);
    const controller = new AbortController();
    const interrupted = new LanacmeError('run.interrupted', 'SIGTERM', { hint: 'x' });
    clock.onSleep = () => {
      controller.abort(interrupted);
    };
    await expect(publish(nothing, controller.signal)).rejects.toBe(interrupted);
    expect(zones.snapshot(zoneId)).toBe(before);
    expect(await journal.entries()).toEqual([]);
  });

  it('at the first change for good: nothing more is sent, nothing stays in the journal', async () => {
    route53.before = () => {
      throw accessDenied('ChangeResourceRecordSets');
    };
    await expect(publish(nothing)).rejects.toMatchObject({ code: 'route53.access-denied' });
    expect(route53.calls).toEqual(['change']);
    expect(await journal.entries()).toEqual([]);
  });

  it('at clean-up alone: the result counts, what is left is told, and the journal keeps it', async () => {
    const result = await publish(async () => {
      route53.before = (call) => {
        if (call === 'change') throw accessDenied('ChangeResourceRecordSets');
      };
      return await Promise.resolve('issued');
    });
    expect(result.value).toBe('issued');
    expect(result.leftBehind).toMatchObject([
      {
        code: 'route53.access-denied',
        message: expect.stringMatching(
          /^challenge values are left at _acme-challenge\.lan\.example/,
        ) as string,
      },
    ]);
    expect(await journal.entries()).toMatchObject([{ records, changeIds: [expect.any(String) as string] }]);
  });

  it('in the body and at clean-up: both are told', async () => {
    const failure = new LanacmeError('acme.challenge-failed', 'no', { hint: 'x' });
    const both = publish(async () => {
      route53.before = () => {
        throw accessDenied('ChangeResourceRecordSets');
      };
      return await Promise.reject(failure);
    });
    await expect(both).rejects.toBeInstanceOf(SeveralErrors);
    await expect(both).rejects.toMatchObject({
      errors: [{ code: 'acme.challenge-failed' }, { code: 'route53.access-denied' }],
    });
  });
});

describe('the wait for propagation', () => {
  it('ends at --dns-timeout when the change stays PENDING', async () => {
    zones.delayMs = Number.POSITIVE_INFINITY;
    await expect(publish(nothing)).rejects.toMatchObject({
      code: 'route53.not-insync',
      message: expect.stringContaining('was still PENDING after 600 s') as string,
    });
  });

  it('asks the name servers when GetChange is not allowed', async () => {
    route53.before = (call) => {
      if (call === 'isInSync') throw accessDenied('GetChange');
    };
    const { value } = await publish(async () => await Promise.resolve(zones.snapshot(zoneId, 'served')));
    expect(value).toContain(values[0]);
  });

  it('fails when nobody can tell that the change is served', async () => {
    route53.before = (call) => {
      if (call === 'isInSync') throw accessDenied('GetChange');
    };
    servers.answers.set('ns1', { kind: 'unreachable', reason: 'timed out' });
    await expect(publish(nothing)).rejects.toMatchObject({ code: 'dns.not-served' });
  });

  it('waits at most a minute for a name server that lags behind INSYNC, then goes on with a warning', async () => {
    servers.answers.set('ns1', { kind: 'answered', authoritative: true, values: [] });
    await publish(nothing);
    expect(log.lines).toContain(
      'warn: name server ns1 (127.0.0.1) still answers _acme-challenge.lan.example without our value',
    );
    expect(clock.slept.filter((ms) => ms === 1_000).length).toBeGreaterThanOrEqual(60);
    expect(clock.slept.filter((ms) => ms === 1_000).length).toBeLessThanOrEqual(62);
  });

  it.each([
    [{ kind: 'unreachable', reason: 'timed out' }, 'cannot be reached: timed out'],
    [
      { kind: 'answered', authoritative: false, values: [] },
      'does not answer with authority for _acme-challenge.lan.example: something stands between',
    ],
  ] as const)('warns of a name server that is no help: %o', async (answer, warning) => {
    servers.answers.set('ns1', answer);
    await publish(nothing);
    expect(log.lines).toContain(`warn: name server ns1 (127.0.0.1) ${warning}`);
  });
});
