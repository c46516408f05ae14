import { beforeEach, describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { findZone } from '../../src/flows/find-zone.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeRoute53 } from '../fakes/route53.ts';
import { ZoneStore } from '../world/zone-store.ts';

const zone = parseDnsName('lan.example');
const aliases = ['_acme-delegated.lan.example'];
const never = new AbortController().signal;

let zones: ZoneStore;
let route53: FakeRoute53;

beforeEach(() => {
  zones = new ZoneStore();
  route53 = new FakeRoute53(zones);
});

describe('the hosted zone', () => {
  it('is not looked up if its id is configured', async () => {
    const ports = { route53, log: new FakeLog() };
    const found = await findZone({ zone, zoneId: 'ZGIVEN', aliases }, ports, never);
    expect(found).toEqual({ zone, zoneId: 'ZGIVEN', aliases });
    expect(route53.calls).toEqual([]);
  });

  it('is the public one of the name; the log tells how to save the look-up', async () => {
    zones.addZone({ name: 'lan.example', id: 'ZPRIVATE', isPrivate: true });
    zones.addZone({ name: 'lan.example', id: 'ZPUBLIC' });
    zones.addZone({ name: 'x.lan.example', id: 'ZBELOW' });
    const log = new FakeLog();
    expect(await findZone({ zone, aliases }, { route53, log }, never)).toEqual({
      zone,
      zoneId: 'ZPUBLIC',
      aliases,
    });
    expect(log.lines).toEqual([
      'info: zone lan.example is hosted zone ZPUBLIC (--zone-id saves this look-up and its right)',
    ]);
  });

  it.each([
    ['none', [], 'route53.zone-not-found'],
    ['only a private one', [true], 'route53.zone-private'],
    ['two', [false, false], 'route53.zone-ambiguous'],
  ])('is refused if there is %s', async (_, privacies, code) => {
    for (const isPrivate of privacies) zones.addZone({ name: 'lan.example', isPrivate });
    await expect(findZone({ zone, aliases }, { route53, log: new FakeLog() }, never)).rejects.toMatchObject({
      code,
    });
  });
});
