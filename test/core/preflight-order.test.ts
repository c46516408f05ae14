import { describe, expect, it } from 'vitest';
import { caRules } from '../../src/core/ca-rules.ts';
import { parseDomain } from '../../src/core/names.ts';
import { orderFindings } from '../../src/core/preflight-order.ts';

const letsEncrypt = caRules('https://acme-v02.api.letsencrypt.org/directory');
const findings = (domains: readonly string[], profile?: string, rules = letsEncrypt) =>
  orderFindings(domains.map(parseDomain), profile, rules);
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `h${index}.lan.example`);

describe('the rules of a CA', () => {
  it('are known for production and staging of one, and for nobody else', () => {
    expect(letsEncrypt).toBeDefined();
    expect(caRules('https://acme-staging-v02.api.letsencrypt.org/directory')).toBe(letsEncrypt);
    expect(caRules('https://localhost:14000/dir')).toBeUndefined();
  });
});

describe('a wildcard beside a name that it covers', () => {
  it('is refused by a CA that is known for it', () => {
    expect(findings(['*.lan.example', 'a.lan.example', 'lan.example', 'b.lan.example'])).toEqual([
      {
        weight: 'stops',
        code: 'order.wildcard-covers-name',
        message:
          'a.lan.example and 1 more are covered by *.lan.example in the same certificate, which this CA refuses',
        hint: 'leave out those names, or the wildcard',
      },
    ]);
  });

  it('is worth a word with any other', () => {
    expect(orderFindings(['*.lan.example', 'a.lan.example'].map(parseDomain), undefined, undefined)).toEqual([
      {
        weight: 'note',
        code: 'order.wildcard-covers-name',
        message: 'a.lan.example is covered by *.lan.example in the same certificate',
        hint: 'leave out that name, or the wildcard',
      },
    ]);
  });

  it.each([
    [['*.lan.example', 'lan.example']],
    [['*.lan.example', 'a.b.lan.example']],
    [['*.lan.example', '*.a.lan.example']],
    [['a.lan.example', 'b.lan.example']],
  ])('is not what %j is', (domains) => {
    expect(findings(domains)).toEqual([]);
  });
});

describe('the number of names', () => {
  it.each([
    [100, undefined, true],
    [101, undefined, false],
    [100, 'classic', true],
    [25, 'tlsserver', true],
    [26, 'tlsserver', false],
    [26, 'shortlived', false],
    [200, 'of-next-year', true],
    [200, 'constructor', true],
  ])('%i with profile %s', (count, profile, isAllowed) => {
    const found = findings(many(count), profile);
    expect(found).toHaveLength(isAllowed ? 0 : 1);
    if (isAllowed) return;
    expect(found[0]).toMatchObject({ weight: 'stops', code: 'order.too-many-names' });
    expect(found[0]?.message).toBe(
      `the certificate has ${count} names, and this CA allows ${profile === undefined ? 100 : 25} with profile ${profile ?? 'classic'}`,
    );
  });

  it('is not known of other CAs', () => {
    expect(orderFindings(many(1000).map(parseDomain), undefined, undefined)).toEqual([]);
  });
});
