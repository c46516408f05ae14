/** The questions besides TXT, asked of the world's DNS server. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { makeNameServers } from '../../src/io/nameservers.ts';
import type { DnsAnswer, DnsType, NameServer } from '../../src/ports.ts';
import { FakeLog } from '../fakes/log.ts';
import { type DnsOptions, type DnsServer, startDns } from '../world/dns-server.ts';
import type { RecordSetInput } from '../world/zone-records.ts';
import { ZoneStore } from '../world/zone-store.ts';

const signal = new AbortController().signal;
const started: DnsServer[] = [];
let store: ZoneStore;

beforeEach(() => {
  store = new ZoneStore();
});
afterEach(async () => {
  await Promise.all(
    started.splice(0).map(async (server) => {
      await server.close();
    }),
  );
});

function addZone(name: string, ...records: readonly Partial<RecordSetInput>[]): string {
  return store.addZone({
    name,
    nameServers: [`ns.${name}`],
    records: records.map((record) => ({ name, type: 'TXT', ttl: 10, ...record })),
  }).id;
}

async function start(options: Partial<DnsOptions> = {}): Promise<DnsServer> {
  const server = await startDns({ store, ...options });
  started.push(server);
  return server;
}

const nameServers = (configured: readonly string[] = []) =>
  makeNameServers({ configured, log: new FakeLog() });

async function ask<T extends DnsType>(
  { port, address }: DnsServer,
  name: string,
  type: T,
): Promise<DnsAnswer<T>> {
  const server: NameServer = { host: 'ns', address: address.startsWith('[') ? '::1' : '127.0.0.1', port };
  return await nameServers().ask(server, parseDnsName(name), type, signal);
}

const answered = { kind: 'answered', authoritative: true, exists: true };

describe('a question', () => {
  it('for each type brings what the records hold', async () => {
    addZone(
      'lan.example',
      { name: 'a.lan.example', type: 'CNAME', ttl: 20, values: ['Acme.Lan.Example'] },
      { type: 'CAA', values: ['0 issue "ca.example; accounturi=x"', '128 issuewild ";"'] },
      { name: 'sub.lan.example', type: 'DS', values: ['4711 13 2 00ff'] },
      { type: 'TXT', values: ['"one" "two"'] },
    );
    const server = await start({ withKeys: ['lan.example.'] });
    const records = async (name: string, type: DnsType): Promise<unknown> => {
      const answer = await ask(server, name, type);
      return answer.kind === 'answered' ? answer.records : answer;
    };
    expect(await ask(server, 'a.lan.example', 'CNAME')).toEqual({
      ...answered,
      records: ['acme.lan.example'],
      ttl: 20,
    });
    expect(await records('lan.example', 'CAA')).toEqual([
      { flags: 0, tag: 'issue', value: 'ca.example; accounturi=x' },
      { flags: 128, tag: 'issuewild', value: ';' },
    ]);
    expect(await records('lan.example', 'NS')).toEqual(['ns.lan.example']);
    expect(await records('lan.example', 'SOA')).toEqual([{ serial: 1 }]);
    expect(await records('sub.lan.example', 'DS')).toEqual([{ keyTag: 4711 }]);
    expect(await records('lan.example', 'DNSKEY')).toEqual([{ flags: 257 }]);
    expect(await records('lan.example', 'TXT')).toEqual([['one', 'two']]);
  });

  it('tells where a CNAME leads, and takes no record of the target for one of the name', async () => {
    addZone(
      'lan.example',
      { name: 'a.lan.example', type: 'CNAME', values: ['b.lan.example'] },
      { name: 'b.lan.example', type: 'CAA', values: ['0 issue ";"'] },
    );
    expect(await ask(await start(), 'a.lan.example', 'CAA')).toEqual({
      ...answered,
      records: [],
      alias: 'b.lan.example',
    });
  });

  it('tells a name that does not exist from one without such records', async () => {
    addZone('lan.example');
    const server = await start();
    expect(await ask(server, 'lan.example', 'CAA')).toEqual({ ...answered, records: [] });
    expect(await ask(server, 'x.lan.example', 'CAA')).toEqual({ ...answered, exists: false, records: [] });
  });

  it('to the server of the parent brings the delegation, without authority', async () => {
    addZone('lan.example');
    const parent = addZone(
      'example',
      { name: 'lan.example', type: 'NS', values: ['ns1.lan.example', 'NS2.other.example'] },
      { name: 'lan.example', type: 'DS', values: ['1 13 2 00ff'] },
    );
    const server = await start({ zoneIds: [parent] });
    const referral = { zone: 'lan.example', nameServers: ['ns1.lan.example', 'ns2.other.example'] };
    for (const [name, type] of [
      ['lan.example', 'NS'],
      ['x.lan.example', 'CAA'],
    ] as const) {
      expect(await ask(server, name, type)).toEqual({
        ...answered,
        authoritative: false,
        records: [],
        referral,
      });
    }
    expect(await ask(server, 'lan.example', 'DS')).toEqual({
      ...answered,
      records: [{ keyTag: 1 }],
      ttl: 10,
    });
  });

  it('to a server that is not told of the zone is refused', async () => {
    addZone('lan.example');
    const server = await start({ zoneIds: [] });
    expect(await ask(server, 'lan.example', 'SOA')).toEqual({
      kind: 'unreachable',
      reason: 'it answers REFUSED',
    });
  });

  it('is answered by a server that has only TCP, or only IPv6', async () => {
    addZone('lan.example');
    const overTcp = await start({ faults: { isSilentOverUdp: true } });
    expect(await ask(overTcp, 'lan.example', 'NS')).toMatchObject(answered);
    expect(overTcp.queries.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
    expect(await ask(await start({ host: '::1' }), 'lan.example', 'NS')).toMatchObject(answered);
  });
});

describe('the servers that hold a name outside the zone', () => {
  it('are the configured ones if there are any: the resolver is not asked', async () => {
    expect(await nameServers(['127.0.0.1:5353']).holding(parseDnsName('example'), signal)).toEqual([
      { host: '127.0.0.1', address: '127.0.0.1', port: 5353 },
    ]);
  });
});
