import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNames, formatName, isWithin, normalizeName } from './zone-names.ts';

describe('a name is stored lower-case, absolute and escaped', () => {
  it.each([
    ['lan.example', 'lan.example.'],
    ['lan.example.', 'lan.example.'],
    ['_ACME-Challenge.NAS.Lan.Example', '_acme-challenge.nas.lan.example.'],
    ['*.lan.example', '\\052.lan.example.'],
    ['\\052.lan.example', '\\052.lan.example.'],
    ['a@b.lan.example', 'a\\100b.lan.example.'],
    ['\\101bc.lan.example', 'abc.lan.example.'],
    ['a\\056b.lan.example', 'a\\056b.lan.example.'],
    ['\\374.lan.example', '\\374.lan.example.'],
    [`${'a'.repeat(63)}.lan.example`, `${'a'.repeat(63)}.lan.example.`],
  ])('%s is %s', (written, stored) => {
    expect(normalizeName(written)).toBe(stored);
  });

  it('and stays as it is from then on', () => {
    const label = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), (labels) => {
        const once = normalizeName(formatName(labels.map((each) => each.toLowerCase())));
        expect(normalizeName(once)).toBe(once);
        expect(once).toMatch(/^(([a-z0-9_-]|\\[0-3][0-7]{2})+\.)+$/);
      }),
    );
  });
});

describe('a name that is none is a FATAL problem', () => {
  const long = 'a'.repeat(64);
  const longName = `${'a'.repeat(60)}.`.repeat(4) + 'lan.example.com';
  it.each([
    ['', `DomainLabelEmpty (Domain label is empty) encountered with ''`],
    ['.', `DomainLabelEmpty (Domain label is empty) encountered with '.'`],
    ['a..lan.example', `DomainLabelEmpty (Domain label is empty) encountered with 'a..lan.example'`],
    ['lan.example..', `DomainLabelEmpty (Domain label is empty) encountered with 'lan.example..'`],
    ['.lan.example', `DomainLabelEmpty (Domain label is empty) encountered with '.lan.example'`],
    [`${long}.lan.example`, `DomainLabelTooLong (Domain label is too long) encountered with '${long}'`],
    [longName, `DomainNameTooLong (Domain name is too long) encountered with '${longName}'`],
    ['a b.lan.example', `UnsupportedCharacter (Value contains unsupported characters) encountered with ' '`],
    ['bücher.example', `UnsupportedCharacter (Value contains unsupported characters) encountered with 'ü'`],
    ['a\\b.example', `UnsupportedCharacter (Value contains unsupported characters) encountered with '\\'`],
    ['a\\400.example', `UnsupportedCharacter (Value contains unsupported characters) encountered with '\\'`],
  ])('%j', (written, problem) => {
    expect(() => normalizeName(written)).toThrow(`FATAL problem: ${problem}`);
  });

  it('255 octets are the last that fit', () => {
    const fits = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    expect(normalizeName(fits)).toBe(`${fits}.`);
    expect(() => normalizeName(`${fits}d`)).toThrow('DomainNameTooLong');
  });
});

it('sorts by labels from the right, trailing dot included', () => {
  const names = [
    'www.lan.example.',
    'lan.example.',
    'zz.example.',
    'a-b.lan.example.',
    'x.a.lan.example.',
    'a.lan.example.',
  ];
  expect([...names].sort(compareNames)).toEqual([
    'lan.example.',
    // `-` stands before `.` in ASCII.
    'a-b.lan.example.',
    'a.lan.example.',
    'x.a.lan.example.',
    'www.lan.example.',
    'zz.example.',
  ]);
});

it('tells inside from outside at a label border', () => {
  expect(isWithin('nas.lan.example.', 'lan.example.')).toBe(true);
  expect(isWithin('lan.example.', 'lan.example.')).toBe(true);
  expect(isWithin('wlan.example.', 'lan.example.')).toBe(false);
  expect(isWithin('example.', 'lan.example.')).toBe(false);
});
