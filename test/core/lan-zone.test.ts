import { describe, expect, it } from 'vitest';
import { checkInZone, isInZone, isWritablePlace } from '../../src/core/lan-zone.ts';
import { parseDomain } from '../../src/core/names.ts';
import { nameOf } from './dns-arbitraries.ts';

const zone = nameOf('lan.example');

describe('inside the zone', () => {
  it.each([
    ['the apex', 'lan.example', true],
    ['a host', 'host.lan.example', true],
    ['deep below', 'a.b.c.lan.example', true],
    ['a zone whose name only ends alike', 'xlan.example', false],
    ['the parent', 'example', false],
    ['a sister', 'wan.example', false],
    ['the zone in front', 'lan.example.evil.example', false],
  ])('%s', (_, name, inside) => {
    expect(isInZone(name, zone)).toBe(inside);
  });
});

describe('the names of a certificate', () => {
  it('pass when all are in the zone, wildcards and the apex included', () => {
    expect(() => {
      checkInZone(['lan.example', '*.lan.example', 'a.b.lan.example'].map(parseDomain), zone);
    }).not.toThrow();
  });

  it.each([
    [['xlan.example'], 'xlan.example is outside the LAN zone lan.example', ['xlan.example']],
    [
      ['host.lan.example', '*.evil.example'],
      '*.evil.example is outside the LAN zone lan.example',
      ['*.evil.example'],
    ],
    [
      ['bücher.example', 'host.lan.example', 'b.example'],
      'bücher.example and 1 more are outside the LAN zone lan.example',
      ['bücher.example', 'b.example'],
    ],
  ])('are refused: %j', (domains, message, details) => {
    expect(() => {
      checkInZone(domains.map(parseDomain), zone);
    }).toThrow(
      expect.objectContaining({
        code: 'names.outside-zone',
        outcome: 'usage',
        message,
        details,
        hint: 'lanacme writes only in lan.example: leave these names out, or check --zone',
      }),
    );
  });
});

describe('a writable place', () => {
  it.each([
    '_acme-challenge.lan.example',
    '_acme-challenge.host.lan.example',
    '_acme-challenge.a.b-c.xn--d.lan.example',
  ])('is the challenge name %s', (name) => {
    expect(isWritablePlace(nameOf(name), zone, [])).toBe(true);
  });

  it.each([
    '_acme-challenge.lan.example.evil.example',
    '_acme-challenge.evil.example',
    '_acme-challenge.xlan.example',
    '_acme-challenge.example',
    '_acme-challenge',
    '_acme-challengex.lan.example',
    '_acme-challenge-x.lan.example',
    'x_acme-challenge.lan.example',
    'x._acme-challenge.lan.example',
    '_x._acme-challenge.lan.example',
    'acme-challenge.lan.example',
    '_acme_challenge.lan.example',
    'lan.example',
    'host.lan.example',
    '_validation-persist.lan.example',
    '_validation-persist.host.lan.example',
    '_acme-challenge._validation-persist.lan.example',
    '_acme-challenge.-a.lan.example',
    '_acme-challenge.a_b.lan.example',
    '_dmarc.lan.example',
  ])('is not %s', (name) => {
    expect(isWritablePlace(nameOf(name), zone, [])).toBe(false);
  });

  it.each(['acme.lan.example', '_x.acme.lan.example'])('is the listed alias %s', (name) => {
    expect(isWritablePlace(nameOf(name), zone, ['other.lan.example', name])).toBe(true);
  });

  it('is in a listed subtree', () => {
    expect(isWritablePlace(nameOf('x.y.acme.lan.example'), zone, ['*.acme.lan.example'])).toBe(true);
  });

  it.each([
    ['an alias outside the zone', 'acme.evil.example', ['acme.evil.example']],
    ['an alias in a zone that ends alike', 'acme.xlan.example', ['acme.xlan.example']],
    ['the apex as an alias', 'lan.example', ['lan.example']],
    [
      'a standing right to issue as an alias',
      '_validation-persist.lan.example',
      ['_validation-persist.lan.example'],
    ],
    ['what a wildcard over the whole zone would match', 'acme.lan.example', ['*.lan.example', '*', '*.']],
    ['the root of a listed subtree', 'acme.lan.example', ['*.acme.lan.example']],
    ['what only ends like a listed subtree', 'x.pacme.lan.example', ['*.acme.lan.example']],
    ['what stands below an alias', 'x.acme.lan.example', ['acme.lan.example']],
    ['what an alias of another case names', 'acme.lan.example', ['ACME.lan.example', 'acme.lan.example.']],
  ])('is not %s', (_, name, aliases) => {
    expect(isWritablePlace(nameOf(name), zone, aliases)).toBe(false);
  });
});
