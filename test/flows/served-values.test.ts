import { beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { servedValues } from '../../src/flows/served-values.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const name = parseDnsName('_acme-challenge.lan.example');
const never = new AbortController().signal;
const zones = new ZoneStore({ delayMs: 0 });
zones.addZone({
  name: zone,
  id: 'Z1',
  records: [{ name, type: 'TXT', ttl: 10, values: ['"one"', '"two" "parts"'] }],
});

let servers: FakeNameServers;
beforeEach(() => {
  servers = new FakeNameServers(zones, 'Z1', ['ns1', 'ns2']);
});

const said = async (names = [name]): Promise<readonly string[]> =>
  await servedValues(names, zone, async () => await Promise.resolve(servers), never);

describe('what is served for a name', () => {
  it('is told of each name server', async () => {
    expect(await said()).toEqual([
      'name server ns1 (127.0.0.1) answers _acme-challenge.lan.example with "one", "twoparts"',
      'name server ns2 (127.0.0.1) answers _acme-challenge.lan.example with "one", "twoparts"',
    ]);
  });

  it('is told when it is nothing, is without authority, or cannot be asked for', async () => {
    servers.answers.set('ns1', { kind: 'answered', authoritative: false, values: [] });
    servers.answers.set('ns2', { kind: 'unreachable', reason: 'timed out' });
    expect(await said()).toEqual([
      'name server ns1 (127.0.0.1) has no TXT record at _acme-challenge.lan.example, without authority',
      'name server ns2 (127.0.0.1) cannot be reached: timed out',
    ]);
  });

  it('is told of ten names at most', async () => {
    const names = Array.from({ length: 50 }, (_, index) =>
      parseDnsName(`_acme-challenge.h${index}.lan.example`),
    );
    expect(await said(names)).toHaveLength(20);
  });

  it('never fails: it only explains a failure', async () => {
    servers.of = async () =>
      await Promise.reject(new LanacmeError('dns.unreachable', 'no resolver answers', { hint: 'x' }));
    expect(await said()).toEqual(["the zone's name servers could not be asked: no resolver answers"]);
  });
});
