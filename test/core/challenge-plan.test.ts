import { describe, expect, it } from 'vitest';
import { planChallenges } from '../../src/core/challenge-plan.ts';
import { parseDomain } from '../../src/core/names.ts';
import { nameOf } from './dns-arbitraries.ts';

const zone = nameOf('lan.example');

function plan(
  domains: readonly string[],
  cnames: Readonly<Record<string, string>> = {},
  aliases: readonly string[] = [],
): Readonly<Record<string, string>> {
  const answers = new Map(Object.entries(cnames).map(([owner, target]) => [nameOf(owner), nameOf(target)]));
  return Object.fromEntries(planChallenges(domains.map(parseDomain), { zone, aliases }, answers));
}

describe('where challenges go', () => {
  it('is one TXT name for a base name and its wildcard', () => {
    expect(plan(['lan.example', '*.lan.example', 'Bücher.lan.example'])).toEqual({
      'lan.example': '_acme-challenge.lan.example',
      'xn--bcher-kva.lan.example': '_acme-challenge.xn--bcher-kva.lan.example',
    });
  });

  it('is where CNAMEs lead, over several hops and out of the zone and back', () => {
    const cnames = {
      '_acme-challenge.a.lan.example': 'hop.elsewhere.example',
      'hop.elsewhere.example': 'acme.lan.example',
      '_acme-challenge.b.lan.example': '_acme-challenge.lan.example',
    };
    expect(plan(['a.lan.example', 'b.lan.example', 'c.lan.example'], cnames, ['acme.lan.example'])).toEqual({
      'a.lan.example': 'acme.lan.example',
      'b.lan.example': '_acme-challenge.lan.example',
      'c.lan.example': '_acme-challenge.c.lan.example',
    });
  });

  it('is refused for a name outside the zone, before any CNAME counts', () => {
    expect(() =>
      plan(['evil.example'], { '_acme-challenge.evil.example': '_acme-challenge.lan.example' }),
    ).toThrow(expect.objectContaining({ code: 'names.outside-zone', outcome: 'usage' }));
  });

  it.each([
    [
      'a name in the zone that is not listed',
      'acme.lan.example',
      '_acme-challenge.a.lan.example is a CNAME to acme.lan.example, where this host may not write',
      'if it may, add --challenge-alias acme.lan.example; otherwise remove the CNAME',
    ],
    [
      'a name outside the zone, even if it is listed',
      'listed.evil.example',
      '_acme-challenge.a.lan.example is a CNAME to listed.evil.example, where this host may not write',
      'lanacme writes only in lan.example: point the CNAME to a name below lan.example, or remove it',
    ],
    [
      'itself',
      '_acme-challenge.a.lan.example',
      'the CNAMEs from _acme-challenge.a.lan.example go in a circle',
      'let _acme-challenge.a.lan.example lead to the name for the challenge, or remove its CNAME',
    ],
  ])('is refused for a CNAME to %s', (_, target, message, hint) => {
    const cnames = { '_acme-challenge.a.lan.example': target };
    expect(() => plan(['a.lan.example'], cnames, ['listed.evil.example'])).toThrow(
      expect.objectContaining({ code: 'route53.cname-in-the-way', outcome: 'usage', message, hint }),
    );
  });

  it('is refused with the whole chain told', () => {
    const cnames = {
      '_acme-challenge.a.lan.example': 'hop.lan.example',
      'hop.lan.example': 'acme.lan.example',
    };
    expect(() => plan(['a.lan.example'], cnames, ['hop.lan.example'])).toThrow(
      expect.objectContaining({
        message:
          '_acme-challenge.a.lan.example is a CNAME to acme.lan.example, where this host may not write',
        details: ['_acme-challenge.a.lan.example -> hop.lan.example -> acme.lan.example'],
      }),
    );
  });

  it('is refused for a target that is no name, with its text made harmless', () => {
    const cnames = new Map([[nameOf('_acme-challenge.a.lan.example'), 'a\u001b[2J.lan.example']]);
    const planning = () =>
      planChallenges([parseDomain('a.lan.example')], { zone, aliases: ['*.lan.example'] }, cnames);
    expect(planning).toThrow('is a CNAME to a\\x1b[2J.lan.example, where this host may not write');
  });

  it('is never the apex of the zone or a standing right to issue, whatever is listed', () => {
    for (const target of ['lan.example', '_validation-persist.lan.example']) {
      expect(() => plan(['a.lan.example'], { '_acme-challenge.a.lan.example': target }, [target])).toThrow(
        expect.objectContaining({
          message: `_acme-challenge.a.lan.example is a CNAME to ${target}, where this host may not write`,
          hint: 'lanacme never writes there: point the CNAME to a name below lan.example, or remove it',
        }),
      );
    }
  });

  it('follows ten hops and no more', () => {
    const chain = (hops: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: hops }, (_, hop) => [
          hop === 0 ? '_acme-challenge.a.lan.example' : `hop${hop}.example`,
          hop === hops - 1 ? '_acme-challenge.lan.example' : `hop${hop + 1}.example`,
        ]),
      );
    expect(plan(['a.lan.example'], chain(10))).toEqual({ 'a.lan.example': '_acme-challenge.lan.example' });
    expect(() => plan(['a.lan.example'], chain(11))).toThrow('do not end within 10 steps');
  });
});
