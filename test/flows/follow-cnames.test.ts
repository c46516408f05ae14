import { beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName, parseDomain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { followCnames } from '../../src/flows/follow-cnames.ts';
import { viewZone } from '../../src/flows/zone-view.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const never = new AbortController().signal;
let store: ZoneStore;
let servers: FakeNameServers;
let log: FakeLog;

beforeEach(() => {
  log = new FakeLog();
});

/** A zone with these CNAMEs and an address, served by `hosts`. */
function zoneWith(cnames: Readonly<Record<string, string>>, hosts = ['ns1']): void {
  store = new ZoneStore();
  const records = Object.entries(cnames).map(([name, target]) => ({
    name,
    type: 'CNAME',
    ttl: 10,
    values: [target],
  }));
  const nas = { name: 'nas.lan.example', type: 'A', ttl: 10, values: ['192.0.2.1'] };
  const { id } = store.addZone({ name: zone, records: [nas, ...records] });
  servers = new FakeNameServers(store, id, hosts);
}

async function follow(
  domains: readonly string[],
  aliases: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const places = await followCnames(
    domains.map(parseDomain),
    { zone, aliases },
    async () => await viewZone(zone, servers, never),
    log,
    never,
  );
  return Object.fromEntries(places);
}

describe('the place of a challenge', () => {
  it('is its challenge name where no CNAME stands', async () => {
    zoneWith({ 'www.lan.example': 'nas.lan.example' });
    expect(await follow(['a.lan.example', '*.a.lan.example'])).toEqual({
      'a.lan.example': '_acme-challenge.a.lan.example',
    });
    expect(servers.questions.filter((question) => question.endsWith('CNAME'))).toEqual([
      'ns1 _acme-challenge.a.lan.example CNAME',
    ]);
    expect(log.lines).toEqual([]);
  });

  it('is where a chain of CNAMEs leads, and two names may share it', async () => {
    zoneWith({
      '_acme-challenge.a.lan.example': 'hop.lan.example',
      '_acme-challenge.b.lan.example': 'hop.lan.example',
      'hop.lan.example': 'Hop2.lan.example',
      'hop2.lan.example': 'acme.lan.example',
    });
    expect(await follow(['a.lan.example', 'b.lan.example'], ['acme.lan.example'])).toEqual({
      'a.lan.example': 'acme.lan.example',
      'b.lan.example': 'acme.lan.example',
    });
    expect(new Set(servers.questions).size).toBe(servers.questions.length);
    expect(log.lines).toEqual([
      'info: a CNAME leads the challenge of a.lan.example and 1 more to acme.lan.example',
    ]);
  });

  it.each([
    [
      'to a name that is not listed',
      { '_acme-challenge.a.lan.example': 'acme.lan.example' },
      'may not write',
    ],
    ['out of the zone', { '_acme-challenge.a.lan.example': 'a.acme.example' }, 'may not write'],
    [
      'in a circle',
      { '_acme-challenge.a.lan.example': 'b.lan.example', 'b.lan.example': '_acme-challenge.a.lan.example' },
      'go in a circle',
    ],
  ] as const)('is refused if a CNAME leads %s', async (_, cnames, message) => {
    zoneWith(cnames);
    await expect(follow(['a.lan.example'])).rejects.toMatchObject({
      code: 'route53.cname-in-the-way',
      outcome: 'usage',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is looked for outside the zone, too, where a chain comes back', async () => {
    zoneWith({ '_acme-challenge.a.lan.example': 'a.other.example' });
    store.addZone({
      name: 'other.example',
      records: [{ name: 'a.other.example', type: 'CNAME', ttl: 10, values: ['acme.lan.example'] }],
    });
    expect(await follow(['a.lan.example'], ['*.lan.example', 'acme.lan.example'])).toEqual({
      'a.lan.example': 'acme.lan.example',
    });
  });
});

describe('a wildcard CNAME', () => {
  it('is no delegation: the challenge overrides it', async () => {
    zoneWith({ '*.lan.example': 'nas.lan.example' });
    expect(await follow(['a.lan.example', 'b.c.lan.example', 'nas.lan.example', '*.lan.example'])).toEqual({
      'a.lan.example': '_acme-challenge.a.lan.example',
      'b.c.lan.example': '_acme-challenge.b.c.lan.example',
      'nas.lan.example': '_acme-challenge.nas.lan.example',
      'lan.example': '_acme-challenge.lan.example',
    });
    expect(log.lines).toEqual([
      'info: a wildcard CNAME answers for _acme-challenge.a.lan.example and 2 more: the challenge takes its place while it is published',
    ]);
  });

  it('is told from a CNAME of the challenge name itself, even one to the same target', async () => {
    zoneWith({ '*.lan.example': 'acme.lan.example', '_acme-challenge.lan.example': 'acme.lan.example' });
    expect(await follow(['lan.example', 'a.lan.example'], ['acme.lan.example'])).toEqual({
      'lan.example': 'acme.lan.example',
      'a.lan.example': '_acme-challenge.a.lan.example',
    });
  });

  it('that answers for the target of a delegation ends the chain there', async () => {
    zoneWith({ '*.lan.example': 'nas.lan.example', '_acme-challenge.lan.example': 'lan.acme.lan.example' });
    expect(await follow(['lan.example'], ['*.acme.lan.example'])).toEqual({
      'lan.example': 'lan.acme.lan.example',
    });
  });
});

describe('asking', () => {
  it('is not done for names outside the zone', async () => {
    zoneWith({});
    await expect(follow(['a.lan.example', 'evil.example'])).rejects.toMatchObject({
      code: 'names.outside-zone',
    });
    expect(servers.questions).toEqual([]);
  });

  it('goes to a server that answers, for a hundred names', async () => {
    zoneWith({ '_acme-challenge.h7.lan.example': 'acme.lan.example' }, ['dead', 'lame', 'good']);
    servers.answers.set('dead', { kind: 'unreachable', reason: 'timed out' });
    servers.answers.set('lame', { kind: 'answered', authoritative: false, values: [] });
    const names = Array.from({ length: 100 }, (_, index) => `h${index}.lan.example`);
    expect((await follow(names, ['acme.lan.example']))['h7.lan.example']).toBe('acme.lan.example');
    const asked = servers.questions.map((question) => question.split(' ')[0]);
    expect(asked.filter((host) => host !== 'good')).toEqual(['dead', 'lame']);
  });

  it('goes to the next server when the first falls silent', async () => {
    zoneWith({ '_acme-challenge.a.lan.example': 'acme.lan.example' }, ['ns1', 'ns2']);
    const view = await viewZone(zone, servers, never);
    await view.servers();
    servers.answers.set('ns1', { kind: 'unreachable', reason: 'timed out' });
    const answer = await view.ask(parseDnsName('_acme-challenge.a.lan.example'), 'CNAME', never);
    expect(answer?.records).toEqual(['acme.lan.example']);
  });

  it.each([
    ['none can be reached', () => servers.answers.set('ns1', { kind: 'unreachable', reason: 'timed out' })],
    [
      'none answers with authority',
      () => servers.answers.set('ns1', { kind: 'answered', authoritative: false, values: [] }),
    ],
    ['there is none', () => servers.servers.splice(0)],
  ])('is given up with one warning if %s', async (_, arrange) => {
    zoneWith({ '_acme-challenge.a.lan.example': 'acme.lan.example' });
    arrange();
    expect(await follow(['a.lan.example', 'b.lan.example'])).toEqual({
      'a.lan.example': '_acme-challenge.a.lan.example',
      'b.lan.example': '_acme-challenge.b.lan.example',
    });
    expect(log.lines).toEqual([
      'warn: cannot look for CNAMEs at the challenge names (no name server of lan.example answers with authority): going on as if there were none',
    ]);
  });

  it('for a name in a sub-zone of other servers brings a warning', async () => {
    zoneWith({});
    store.edit(store.zones()[0]?.id ?? '', [
      {
        action: 'CREATE',
        recordSet: { name: 'sub.lan.example', type: 'NS', ttl: 10, values: ['ns.other.example'] },
      },
    ]);
    expect(await follow(['a.sub.lan.example', 'b.lan.example'])).toEqual({
      'a.sub.lan.example': '_acme-challenge.a.sub.lan.example',
      'b.lan.example': '_acme-challenge.b.lan.example',
    });
    expect(log.lines).toEqual([
      'warn: no name server of lan.example answers with authority for _acme-challenge.a.sub.lan.example: in a sub-zone that is delegated to other servers the CA will not see the challenge',
    ]);
  });

  it('that fails is told, and a bug is not taken for that', async () => {
    zoneWith({});
    servers.of = async () =>
      await Promise.reject(new LanacmeError('dns.unreachable', 'no way', { hint: 'x' }));
    expect(await follow(['a.lan.example'])).toEqual({ 'a.lan.example': '_acme-challenge.a.lan.example' });
    expect(log.lines).toEqual([expect.stringContaining('(no way)')]);
    servers.of = async () => await Promise.reject(new TypeError('bug'));
    await expect(follow(['a.lan.example'])).rejects.toThrow('bug');
  });
});
