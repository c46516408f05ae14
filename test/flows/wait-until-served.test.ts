import { beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { waitUntilServed } from '../../src/flows/wait-until-served.ts';
import type { TxtAnswer } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const zoneId = 'Z0TEST';
const values = ['a', 'b'].map((letter) => letter.repeat(43));
const records = values.map((value, index) => ({
  name: parseDnsName(`_acme-challenge.h${index}.lan.example`),
  value: `"${value}"`,
}));
const nothing: TxtAnswer = { kind: 'answered', authoritative: true, values: [] };
const unreachable: TxtAnswer = { kind: 'unreachable', reason: 'timed out' };

let clock: FakeClock;
let zones: ZoneStore;
let log: FakeLog;

beforeEach(() => {
  clock = new FakeClock();
  zones = new ZoneStore({ now: () => clock.now(), delayMs: 5_000 });
  zones.addZone({ name: zone, id: zoneId });
  log = new FakeLog();
});

function publish(published = records): void {
  zones.change(
    zoneId,
    published.map(({ name, value }) => ({
      action: 'CREATE',
      recordSet: { name, type: 'TXT', ttl: 10, values: [value] },
    })),
    { by: 'us' },
  );
}

async function wait(
  answers: Readonly<Record<string, TxtAnswer | undefined>>,
  { insist = false, signal = new AbortController().signal } = {},
): Promise<FakeNameServers> {
  const servers = new FakeNameServers(zones, zoneId, Object.keys(answers));
  for (const [host, answer] of Object.entries(answers)) if (answer) servers.answers.set(host, answer);
  const ports = { clock, log, nameServers: async () => await Promise.resolve(servers) };
  await waitUntilServed(records, zone, { timeoutMs: 60_000, insist }, ports, signal);
  return servers;
}

const real = undefined;

describe('the look at the name servers', () => {
  it('lasts until each of them serves every value', async () => {
    publish();
    await wait({ ns1: real, ns2: real });
    expect(clock.slept.length).toBeGreaterThanOrEqual(5);
    expect(log.lines).toEqual(['info: 2 of 2 name servers of lan.example serve the challenge']);
  });

  it('does not ask again for a name whose value was seen', async () => {
    publish(records.slice(0, 1));
    clock.move(5_000);
    publish(records.slice(1));
    const { asked } = await wait({ ns1: real });
    expect(asked).toBe(1 + 1 + clock.slept.length);
  });

  it.each([
    ['warns of one that still lacks a value', { ns1: nothing, ns2: real }, 'ns1 (127.0.0.1) still answers'],
    ['warns of one that cannot be reached', { ns1: unreachable, ns2: real }, 'cannot be reached: timed out'],
    ['does without any', {}, undefined],
  ] as const)('after INSYNC %s', async (_, answers, warning) => {
    publish();
    await wait(answers);
    const warnings = log.lines.filter((line) => line.startsWith('warn: '));
    expect(warnings).toHaveLength(warning === undefined ? 0 : 1);
    expect(warnings.join()).toContain(warning ?? '');
  });

  it.each([
    ['one lacks a value', { ns1: nothing, ns2: real }],
    ['none can be reached', { ns1: unreachable }],
    ['there is none', {}],
    ['none answers with authority', { ns1: { ...nothing, authoritative: false } }],
  ] as const)('fails without INSYNC if %s', async (_, answers) => {
    publish();
    await expect(wait(answers, { insist: true })).rejects.toMatchObject({
      code: 'dns.not-served',
      message: 'the name servers of lan.example did not serve the challenge within 60 s',
    });
  });

  it('is enough without INSYNC if all that can be reached serve everything', async () => {
    publish();
    await wait({ ns1: unreachable, ns2: real }, { insist: true });
    expect(log.lines.at(-1)).toBe('info: 1 of 2 name servers of lan.example serve the challenge');
  });

  it('warns of an IPv6 address that cannot be reached only if no other can', async () => {
    publish();
    const servers = new FakeNameServers(zones, zoneId, ['ns1', 'ns2']);
    servers.servers[1] = { host: 'ns2', address: '2001:db8::2', port: 53 };
    servers.answers.set('ns2', unreachable);
    const ports = { clock, log, nameServers: async () => await Promise.resolve(servers) };
    const never = new AbortController().signal;
    await waitUntilServed(records, zone, { timeoutMs: 60_000, insist: false }, ports, never);
    expect(log.lines).toEqual([
      'debug: name server ns2 (2001:db8::2) cannot be reached: timed out',
      'info: 1 of 2 name servers of lan.example serve the challenge',
    ]);
    servers.servers.shift();
    await waitUntilServed(records, zone, { timeoutMs: 60_000, insist: false }, ports, never);
    expect(log.lines.at(-1)).toBe('warn: name server ns2 (2001:db8::2) cannot be reached: timed out');
  });

  it('ends at once when a signal comes', async () => {
    const controller = new AbortController();
    const interrupted = new LanacmeError('run.interrupted', 'SIGINT', { hint: 'x' });
    clock.onSleep = () => {
      controller.abort(interrupted);
    };
    const ended = wait({ ns1: real }, { signal: controller.signal });
    await expect(ended).rejects.toBe(interrupted);
    expect(clock.slept).toHaveLength(1);
  });
});
