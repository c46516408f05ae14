import { describe, expect, it } from 'vitest';
import { chooseHostedZone } from '../../src/core/hosted-zone.ts';
import { parseDnsName } from '../../src/core/names.ts';

const zone = parseDnsName('lan.example');
const open = (id: string) => ({ id, isPrivate: false });
const hidden = (id: string) => ({ id, isPrivate: true });

describe('the hosted zone of a name', () => {
  it('is the only one', () => {
    expect(chooseHostedZone(zone, [open('Z1')])).toBe('Z1');
  });

  it('is the public one beside private ones of the same name', () => {
    expect(chooseHostedZone(zone, [hidden('Z1'), open('Z2'), hidden('Z3')])).toBe('Z2');
  });

  it.each([
    ['none', [], 'route53.zone-not-found', 'this AWS account has no hosted zone named lan.example'],
    [
      'a private one alone',
      [hidden('Z1')],
      'route53.zone-private',
      'the only hosted zone named lan.example is private: Z1',
    ],
    [
      'two public ones',
      [open('Z1'), hidden('Z2'), open('Z3')],
      'route53.zone-ambiguous',
      'there are 2 public hosted zones named lan.example: Z1, Z3',
    ],
  ])('is refused when there is %s', (_, candidates, code, message) => {
    expect(() => chooseHostedZone(zone, candidates)).toThrow(expect.objectContaining({ code, message }));
  });
});
