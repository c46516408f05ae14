import { describe, expect, it } from 'vitest';
import { delegationFindings, type ServerState, serverFindings } from '../../src/core/preflight-zone.ts';
import { nameOf } from './dns-arbitraries.ts';

const zone = nameOf('lan.example');

describe('name servers', () => {
  const good: ServerState = { host: 'ns1', address: '192.0.2.1', state: 'authoritative', reason: '' };
  const silent: ServerState = { ...good, host: 'ns2', state: 'unreachable', reason: 'no answer' };
  const lame: ServerState = { ...good, host: 'ns3', state: 'not-authoritative' };

  it('that do not answer with authority are warned of, one by one', () => {
    expect(serverFindings(zone, [good, silent, lame])).toMatchObject([
      {
        weight: 'warns',
        code: 'dns.server-unreachable',
        message: 'name server ns2 (192.0.2.1) of lan.example cannot be reached: no answer',
      },
      {
        weight: 'warns',
        code: 'dns.server-without-authority',
        message: 'name server ns3 (192.0.2.1) of lan.example answers without authority',
      },
    ]);
  });

  it('are no news where all answer, where none does, and by IPv6 on a host that has none', () => {
    expect(serverFindings(zone, [good])).toEqual([]);
    expect(serverFindings(zone, [silent, lame])).toEqual([]);
    expect(serverFindings(zone, [good, { ...silent, address: '2001:db8::1' }])).toEqual([]);
    expect(serverFindings(zone, [])).toEqual([]);
  });
});

describe('the delegation', () => {
  const own = { nameServers: ['ns1.example', 'ns2.example'], hasKeys: false };
  const judge = (
    nameServers: readonly string[] | undefined,
    dsKeyTags: readonly number[] = [],
    apex: object = {},
  ) => delegationFindings(zone, { nameServers, dsKeyTags }, { ...own, ...apex }, true);

  it('is good if it names the same servers, in any order', () => {
    expect(judge(['ns2.example', 'ns1.example'])).toEqual([]);
  });

  it.each([
    [['ns1.example'], 'the delegation of lan.example lacks ns2.example'],
    [
      ['ns3.example', 'ns1.example', 'ns2.example'],
      'the delegation of lan.example names ns3.example, which the zone does not',
    ],
    [
      ['old1.example', 'old2.example'],
      'the delegation of lan.example names old1.example, old2.example, which the zone does not, and lacks ns1.example, ns2.example',
    ],
  ])('to %j is warned of', (nameServers, message) => {
    expect(judge(nameServers)).toEqual([
      {
        weight: 'warns',
        code: 'dns.delegation-differs',
        message,
        hint: 'set the NS records for lan.example in the zone above it to ns1.example, ns2.example',
      },
    ]);
  });

  it('that is absent is warned of', () => {
    expect(judge(undefined)).toMatchObject([
      {
        weight: 'warns',
        code: 'dns.not-delegated',
        message: 'lan.example is not delegated: the zone above it has no NS records for it',
      },
    ]);
  });

  it('with a DS stops the order only if the zone surely has no key and the CA validates', () => {
    const ds = [4711];
    expect(judge(own.nameServers, ds)).toEqual([
      {
        weight: 'stops',
        code: 'dns.ds-without-key',
        message:
          'the zone above lan.example has a DS record (key tag 4711), but lan.example has no DNSKEY: validating resolvers refuse it',
        hint: 'sign the hosted zone with that key, or remove the DS record',
      },
    ]);
    expect(judge(own.nameServers, ds, { hasKeys: true })).toEqual([]);
    expect(judge(own.nameServers, ds, { hasKeys: undefined })).toEqual([]);
    const parent = { nameServers: own.nameServers, dsKeyTags: ds };
    expect(delegationFindings(zone, parent, own, false)).toMatchObject([{ weight: 'warns' }]);
  });
});
