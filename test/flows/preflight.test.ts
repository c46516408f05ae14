import { beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName, parseDomain } from '../../src/core/names.ts';
import { asLanacmeErrors, LanacmeError } from '../../src/errors.ts';
import { preflight } from '../../src/flows/preflight.ts';
import { viewZone } from '../../src/flows/zone-view.ts';
import type { NameServer } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import type { RecordSetInput } from '../world/zone-records.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const never = new AbortController().signal;
const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';
const parentServer: NameServer = { host: 'parent', address: '127.0.0.1', port: 53 };
const own = ['ns1.lan.example', 'ns2.lan.example'];

let store: ZoneStore;
let servers: FakeNameServers;
let clock: FakeClock;
let log: FakeLog;

beforeEach(() => {
  clock = new FakeClock();
  log = new FakeLog();
});

type Records = readonly (Partial<RecordSetInput> & { readonly type: string })[];

/** The zone and the one above it, each on a server of its own. */
function world({ records = [], above = [] }: { records?: Records; above?: Records } = {}): void {
  store = new ZoneStore();
  const filled = (sets: Records) => sets.map((set) => ({ name: zone, ttl: 10, ...set }));
  const { id } = store.addZone({ name: zone, nameServers: own, records: filled(records) });
  store.addZone({ name: 'example', records: filled(above) });
  servers = new FakeNameServers(store, id);
  servers.others = [parentServer];
  servers.zonesOf.set('parent', ['example.']);
}

const delegated: Records = [{ type: 'NS', values: own }];

async function look(
  domains: readonly string[] = ['a.lan.example'],
  directory: { url?: string; caaIdentities?: readonly string[] } = {},
  signal = never,
): Promise<readonly LanacmeError[]> {
  const view = viewZone(zone, servers, signal);
  const request = {
    domains: domains.map(parseDomain),
    zone,
    directory: {
      url: 'https://ca.example/dir',
      caaIdentities: ['ca.example'],
      externalAccountRequired: false,
      profiles: {},
      ...directory,
    },
    accountUrl: 'https://ca.example/acct/1',
    profile: undefined,
  };
  const ports = {
    clock,
    log,
    view: async () => await view,
    nameServers: async () => await Promise.resolve(servers),
  };
  return await preflight(request, ports, signal).then(
    () => [],
    (error: unknown) => asLanacmeErrors(error),
  );
}

const codes = (errors: readonly LanacmeError[]): readonly string[] => errors.map(({ code }) => code);

describe('a zone in order', () => {
  it('is not spoken of, and few questions are asked', async () => {
    world({ above: delegated });
    expect(await look(['a.lan.example', 'b.lan.example'])).toEqual([]);
    expect(log.lines).toEqual([]);
    expect(servers.questions.toSorted()).toEqual([
      'ns1 a.lan.example CAA',
      'ns1 b.lan.example CAA',
      'ns1 lan.example CAA',
      'ns1 lan.example DNSKEY',
      'ns1 lan.example NS',
      'ns1 lan.example SOA',
      'parent example CAA',
      'parent lan.example DS',
      'parent lan.example NS',
    ]);
  });
});

describe('CAA', () => {
  const nobody = { type: 'CAA', values: ['0 issue ";"'] };
  const ours = { type: 'CAA', values: ['0 issue "ca.example"'] };

  it.each<[string, { records?: Records; above?: Records }, readonly string[], boolean]>([
    ['at the zone', { records: [nobody] }, ['a.lan.example'], false],
    ['at the zone, of this CA', { records: [ours] }, ['a.lan.example'], true],
    ['above the zone', { above: [...delegated, { ...nobody, name: 'example' }] }, ['a.lan.example'], false],
    [
      'at the name itself, nearer',
      { records: [nobody, { ...ours, name: 'a.lan.example' }] },
      ['a.lan.example'],
      true,
    ],
    [
      'at the name itself, for a wildcard',
      { records: [{ ...nobody, name: 'a.lan.example' }] },
      ['*.a.lan.example'],
      false,
    ],
    [
      'at the target of a CNAME',
      {
        records: [
          { type: 'CNAME', name: 'a.lan.example', values: ['b.lan.example'] },
          { ...nobody, name: 'b.lan.example' },
        ],
      },
      ['a.lan.example'],
      false,
    ],
    [
      'for wildcards only',
      { records: [{ type: 'CAA', values: ['0 issuewild ";"'] }] },
      ['a.lan.example'],
      true,
    ],
  ])('%s', async (_, zones, domains, isAllowed) => {
    world(zones);
    expect(codes(await look(domains))).toEqual(isAllowed ? [] : ['dns.caa-forbids']);
  });

  it('is no matter for a CA that does not say who it is', async () => {
    world({ records: [nobody], above: delegated });
    expect(await look(['a.lan.example'], { caaIdentities: [] })).toEqual([]);
    expect(log.lines).toEqual(['debug: CAA cannot be checked from here']);
  });

  it('of a name that no server has authority for is not judged, nor what stands above it', async () => {
    world({
      records: [nobody, { type: 'NS', name: 'sub.lan.example', values: ['ns.other.example'] }],
      above: delegated,
    });
    expect(await look(['a.sub.lan.example'])).toEqual([]);
  });

  it('tells how to go on nevertheless', async () => {
    world({ records: [nobody], above: delegated });
    expect((await look())[0]?.hint).toBe(
      'add lan.example CAA 0 issue "ca.example" (--skip-preflight orders all the same)',
    );
  });
});

describe('the delegation', () => {
  it('that names other servers is warned of', async () => {
    world({ above: [{ type: 'NS', values: ['ns1.lan.example', 'old.example'] }] });
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual([
      'warn: the delegation of lan.example names old.example, which the zone does not, and lacks ns2.lan.example; set the NS records for lan.example in the zone above it to ns1.lan.example, ns2.lan.example',
    ]);
  });

  it('that is absent is warned of', async () => {
    world();
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual([expect.stringContaining('warn: lan.example is not delegated')]);
  });

  it('with a DS for a zone without keys stops an order at a CA that validates, and is told to others', async () => {
    world({ above: [...delegated, { type: 'DS', values: ['7 13 2 00ff'] }] });
    expect(codes(await look(['a.lan.example'], { url: letsEncrypt }))).toEqual(['dns.ds-without-key']);
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual([expect.stringContaining('(key tag 7)')]);
  });

  it.each([
    ['nobody knows the servers of the parent', () => servers.servers.slice(0, 0)],
    ['what answers is the zone itself', () => servers.servers],
  ])('is no matter if %s', async (_, others) => {
    world();
    servers.others = others();
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual(['debug: the delegation cannot be checked from here']);
  });

  it('is not taken from a server without authority', async () => {
    world({ above: [{ type: 'NS', values: ['old.example'] }] });
    servers.answers.set('parent', { kind: 'answered', authoritative: false, values: [] });
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual(['debug: the delegation cannot be checked from here']);
  });
});

describe('the order', () => {
  it('that is sure to be refused is not made, and every reason is told', async () => {
    world({ records: [{ type: 'CAA', values: ['0 issue ";"'] }], above: delegated });
    expect(codes(await look(['*.lan.example', 'a.lan.example'], { url: letsEncrypt }))).toEqual([
      'order.wildcard-covers-name',
      'dns.caa-forbids',
      'dns.caa-forbids',
    ]);
  });
});

describe('name servers', () => {
  it('that do not answer are warned of', async () => {
    world({ above: delegated });
    servers.servers.push({ host: 'ns2', address: '192.0.2.2', port: 53 });
    servers.answers.set('ns2', { kind: 'unreachable', reason: 'no answer' });
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual([
      expect.stringContaining(
        'warn: name server ns2 (192.0.2.2) of lan.example cannot be reached: no answer; ',
      ),
    ]);
  });

  it('of which none answers leave nothing to check: that was told before', async () => {
    world();
    servers.answers.set('ns1', { kind: 'unreachable', reason: 'no answer' });
    expect(await look()).toEqual([]);
    expect(log.lines.filter((line) => !line.startsWith('debug: '))).toEqual([]);
  });

  it('that take longer than five seconds hold up nothing', async () => {
    world({ above: delegated });
    servers.before = async (type, signal) => {
      if (type === 'SOA') return;
      if (!signal.aborted) clock.move(5_000);
      await Promise.resolve();
      signal.throwIfAborted();
    };
    expect(await look()).toEqual([]);
    expect(log.lines.toSorted()).toEqual([
      'debug: CAA could not be checked within 5 s',
      'debug: the delegation could not be checked within 5 s',
    ]);
  });

  it('that fail are told, a bug is not taken for that, and a signal ends it', async () => {
    world({ above: delegated });
    servers.before = async (type) => {
      await Promise.resolve();
      if (type === 'CAA') throw new LanacmeError('dns.unreachable', 'no way', { hint: 'x' });
    };
    expect(await look()).toEqual([]);
    expect(log.lines).toEqual(['warn: CAA could not be checked: no way']);
    servers.before = async (type) => {
      await Promise.resolve();
      if (type === 'CAA') throw new TypeError('bug');
    };
    expect(codes(await look())).toEqual(['internal.bug']);
    const controller = new AbortController();
    const interrupted = new LanacmeError('run.interrupted', 'SIGTERM', { hint: 'x' });
    servers.before = async (type, signal) => {
      await Promise.resolve();
      if (type !== 'SOA') controller.abort(interrupted);
      signal.throwIfAborted();
    };
    expect(await look(['a.lan.example'], {}, controller.signal)).toEqual([interrupted]);
  });
});
