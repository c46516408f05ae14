import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bareName,
  certificateNameOf,
  type Domain,
  displayName,
  isCertificateName,
  isDnsName,
  isDomain,
  parseCertificateName,
  parseDnsName,
  parseDomain,
  parseListedName,
} from '../../src/core/names.ts';
import { basesIn, nameOf } from './dns-arbitraries.ts';

const long = (characters: number): string => 'a'.repeat(characters);
/** A name of exactly this many characters, in legal labels. */
const nameOfLength = (characters: number): string =>
  `${`${long(50)}.`.repeat(6)}${long(300)}`.slice(0, characters);

describe('a domain as a person writes it', () => {
  it.each([
    ['a plain name', 'host.lan.example', 'host.lan.example'],
    ['upper case', 'HOST.Lan.Example', 'host.lan.example'],
    ['a trailing dot', 'host.lan.example.', 'host.lan.example'],
    ['a wildcard', '*.Lan.Example', '*.lan.example'],
    ['Unicode', 'bücher.lan.example', 'xn--bcher-kva.lan.example'],
    ['a wildcard of Unicode', '*.BÜCHER.lan.example.', '*.xn--bcher-kva.lan.example'],
    ['Punycode in upper case', 'XN--BCHER-KVA.lan.example', 'xn--bcher-kva.lan.example'],
    ['an ideographic full stop', 'bücher。lan．example', 'xn--bcher-kva.lan.example'],
    ['the Kelvin sign', '\u212aelvin.lan.example', 'kelvin.lan.example'],
    ['digits in front', '3d-printer.lan.example', '3d-printer.lan.example'],
    ['the longest label', `${long(63)}.example`, `${long(63)}.example`],
    ['the longest name', nameOfLength(237), nameOfLength(237)],
  ])('accepts %s', (_, written, domain) => {
    expect(parseDomain(written)).toBe(domain);
    expect(isDomain(domain)).toBe(true);
  });

  it.each([
    ['nothing', '', 'it is empty'],
    ['a dot', '.', 'it is empty'],
    ['one label', 'localhost', 'it has only one label'],
    ['an empty label', 'host..example', 'it has an empty label'],
    ['a leading dot', '.lan.example', 'it has an empty label'],
    ['two trailing dots', 'host.lan.example..', 'it has an empty label'],
    ['a bare wildcard', '*', 'the label "*" has something other than a-z, 0-9 and inner "-"'],
    ['a wildcard within', 'a.*.lan.example', 'the label "*" has something other than a-z, 0-9 and inner "-"'],
    ['two wildcards', '*.*.lan.example', 'the label "*" has something other than a-z, 0-9 and inner "-"'],
    [
      'a partial wildcard',
      'a*.lan.example',
      'the label "a*" has something other than a-z, 0-9 and inner "-"',
    ],
    [
      'a full-width wildcard',
      '＊.lan.example',
      'the label "*" has something other than a-z, 0-9 and inner "-"',
    ],
    [
      'an underscore',
      '_dmarc.lan.example',
      'the label "_dmarc" has something other than a-z, 0-9 and inner "-"',
    ],
    ['a leading hyphen', '-a.lan.example', 'the label "-a" has something other than a-z, 0-9 and inner "-"'],
    ['a trailing hyphen', 'a-.lan.example', 'the label "a-" has something other than a-z, 0-9 and inner "-"'],
    ['a slash', 'a/b.lan.example', 'the label "a/b" has something other than a-z, 0-9 and inner "-"'],
    [
      'a slash beside Unicode',
      'ü/b.example',
      'the label "ü/b" has something other than a-z, 0-9 and inner "-"',
    ],
    [
      'a tab beside Unicode',
      'ü\tb.example',
      'the label "ü\\tb" has something other than a-z, 0-9 and inner "-"',
    ],
    ['an escape of URLs', '%41ü.example', 'the label "%41ü" has something other than a-z, 0-9 and inner "-"'],
    ['a port', 'host.example:443', 'the label "example:443" has something other than a-z, 0-9 and inner "-"'],
    ['a space', ' host.example', 'the label " host" has something other than a-z, 0-9 and inner "-"'],
    [
      'a line end',
      'host.example\n',
      'the label "example\\n" has something other than a-z, 0-9 and inner "-"',
    ],
    [
      'an octal escape',
      '\\052.lan.example',
      'the label "\\052" has something other than a-z, 0-9 and inner "-"',
    ],
    ['an IPv4 address', '10.0.0.1', 'it is an IP address'],
    ['an IPv4 address in full width', '１２７.1', 'it is an IP address'],
    ['an IPv6 address', 'fe80::1', 'the label "fe80::1" has something other than a-z, 0-9 and inner "-"'],
    ['broken Punycode', 'xn--a.lan.example', 'it is not a valid international name'],
    ['a sign that becomes a slash', '℀.example', 'it is not a valid international name'],
    ['a label too long', `${long(64)}.example`, `the label "${long(64)}" has more than 63 characters`],
    ['a name too long', nameOfLength(254), 'it has more than 253 characters'],
    [
      'a name without room for the challenge',
      nameOfLength(238),
      'it has more than 237 characters, so "_acme-challenge." does not fit in front',
    ],
  ])('refuses %s', (_, written, flaw) => {
    expect(() => parseDomain(written)).toThrow(
      expect.objectContaining({
        code: 'names.invalid',
        outcome: 'usage',
        hint: 'write it like host.lan.example or *.lan.example',
        message: expect.stringContaining(`is not a name that a certificate can have: ${flaw}`) as string,
      }),
    );
  });

  it('shows what was written without letting it write to the terminal', () => {
    expect(() => parseDomain('\u001b[2Jx.example')).toThrow(/^"\\x1b\[2Jx\.example" is not/);
  });

  it('is in normal form afterwards, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.stringMatching(/^[*.a-zü。-]+$/)),
        (written) => {
          let domain: Domain;
          try {
            domain = parseDomain(written);
          } catch {
            return;
          }
          expect(domain).toMatch(/^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
          expect(parseDomain(domain)).toBe(domain);
          expect(isDnsName(bareName(domain))).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each(['Host.lan.example', 'host.lan.example.', '*.*.example', '_x.example', 'host', ''])(
    'is not taken for one in normal form: %j',
    (text) => {
      expect(isDomain(text)).toBe(false);
    },
  );
});

describe('a DNS name as a person writes it', () => {
  it.each([
    ['LAN.Example.', 'lan.example'],
    ['_acme-challenge.Bücher.lan.example', '_acme-challenge.xn--bcher-kva.lan.example'],
    ['lan', 'lan'],
    [nameOfLength(253), nameOfLength(253)],
  ])('is accepted: %s', (written, name) => {
    expect(parseDnsName(written)).toBe(name);
  });

  it.each([
    ['*.lan.example', 'the label "*" has something other than a-z, 0-9, "-" and "_"'],
    ['\\052.lan.example', 'the label "\\052" has something other than a-z, 0-9, "-" and "_"'],
    ['lan..example', 'it has an empty label'],
    ['192.168.0', 'it is an IP address'],
    [nameOfLength(254), 'it has more than 253 characters'],
  ])('is refused: %s', (written, flaw) => {
    expect(() => parseDnsName(written)).toThrow(
      expect.objectContaining({
        code: 'names.invalid',
        outcome: 'usage',
        message: expect.stringContaining(`is not a DNS name: ${flaw}`) as string,
      }),
    );
  });
});

describe('a name in normal form', () => {
  it.each(['lan.example', '_acme-challenge.lan.example', 'a_b.-c.x', 'xn--bcher-kva'])(
    'is one: %s',
    (text) => {
      expect(isDnsName(text)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    'lan.example.',
    '.lan.example',
    'lan..example',
    'Lan.example',
    '*.lan.example',
    '\\052.lan.example',
    'lan.example\n',
    'l\u0430n.example',
    '\u212a.example',
    'bücher.example',
    `${long(64)}.example`,
    nameOfLength(254),
  ])('is not one: %j', (text) => {
    expect(isDnsName(text)).toBe(false);
  });
});

describe('a name as Route 53 lists it', () => {
  it.each([
    ['_acme-challenge.lan.example.', '_acme-challenge.lan.example'],
    ['LAN.example.', 'lan.example'],
    ['lan.example', 'lan.example'],
    ['\\137acme-challenge.lan.example.', '_acme-challenge.lan.example'],
    ['\\101.lan.example.', 'a.lan.example'],
  ])('%s is %s', (listed, name) => {
    expect(parseListedName(listed)).toBe(name);
  });

  it.each([
    ['a wildcard', '\\052.lan.example.'],
    ['an escaped dot, which separates nothing', '_acme-challenge\\056lan.example.'],
    ['an escaped at sign', '\\100.lan.example.'],
    ['an escaped backslash', '\\134.lan.example.'],
    ['a backslash before a letter', '\\a.lan.example.'],
    ['an escape that is no byte', '\\777.lan.example.'],
    ['an escape cut short', 'a\\05'],
    ['a sign that lower case would turn into a letter', '\u212a.lan.example.'],
    ['the root', '.'],
    ['nothing', ''],
  ])('is no name of ours: %s', (_, listed) => {
    expect(parseListedName(listed)).toBeUndefined();
  });

  it('comes back whatever the case, the escapes and the dot', () => {
    const spelled = (name: string, choices: readonly number[]): string =>
      Array.from(name)
        .map((character, index) => {
          const choice = choices[index % choices.length];
          if (character === '.' || choice === 0) return character;
          return choice === 1
            ? character.toUpperCase()
            : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
        })
        .join('');
    fc.assert(
      fc.property(
        basesIn(nameOf('lan.example')),
        fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }),
        fc.constantFrom('', '.'),
        (name, choices, dot) => {
          expect(parseListedName(`${spelled(name, choices)}${dot}`)).toBe(name);
        },
      ),
    );
  });
});

describe('a name for people', () => {
  it.each([
    ['xn--bcher-kva.lan.example', 'bücher.lan.example'],
    ['*.xn--bcher-kva.lan.example', '*.bücher.lan.example'],
    ['_acme-challenge.lan.example', '_acme-challenge.lan.example'],
    ['xn--a.lan.example', 'xn--a.lan.example'],
  ])('%s is shown as %s', (name, shown) => {
    expect(displayName(name as Domain)).toBe(shown);
  });
});

describe('the local name of a certificate', () => {
  it.each(['host.lan.example', 'A_b-1', '_x', '0', 'a..b', long(237)])('is accepted: %s', (text) => {
    expect(parseCertificateName(text)).toBe(text);
    expect(isCertificateName(text)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '.hidden',
    '-x',
    'a b',
    'a\n',
    'ü',
    '*.lan.example',
    'a\0',
    '/',
    long(238),
  ])('is refused: %j', (text) => {
    expect(isCertificateName(text)).toBe(false);
    expect(() => parseCertificateName(text)).toThrow(
      expect.objectContaining({ code: 'names.invalid', outcome: 'usage', hint: 'choose another --name' }),
    );
  });

  it.each([
    ['host.lan.example', 'host.lan.example'],
    ['*.lan.example', 'lan.example'],
  ])('of %s is %s', (first, name) => {
    expect(certificateNameOf(first as Domain)).toBe(name);
    expect(bareName(first as Domain)).toBe(name);
  });
});
