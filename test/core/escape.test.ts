import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { control, escapeJson, escapeText, safeJson } from '../../src/core/escape.ts';

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('escapeText', () => {
  it.each([
    ['plain text, also in Unicode, stays', 'größe 日本 "x" \\052', 'größe 日本 "x" \\052'],
    ['a line end cannot forge another line', 'a\nlanacme: b\r', 'a\\nlanacme: b\\r'],
    ['an escape sequence cannot reach the terminal', '\x1b[2J\x1b]0;x\x07', '\\x1b[2J\\x1b]0;x\\x07'],
    ['nor one that begins with a C1 character', '\u009b31m', '\\x9b31m'],
    ['the reading direction cannot be turned', 'a\u202egpj', 'a\\u{202e}gpj'],
    ['what has no width becomes visible', 'a\u200bb\u{e0041}', 'a\\u{200b}b\\u{e0041}'],
    ['line separators of Unicode count as line ends', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['half a surrogate pair is spelled', 'a\ud800b', 'a\\u{d800}b'],
    ['NUL and DEL are spelled', '\0\x7f', '\\x00\\x7f'],
  ])('%s', (_title, text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  it('cuts what is longer than the limit and says how much is missing', () => {
    expect(escapeText('x'.repeat(12), 10)).toBe('xxxxxxxxxx… (2 more characters)');
    expect(escapeText('x'.repeat(10), 10)).toBe('x'.repeat(10));
  });

  it('leaves nothing unsafe of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeText(text)).not.toMatch(unsafe);
      }),
    );
  });
});

describe('control', () => {
  it('is what Unicode calls a control character, one by one', () => {
    const all = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
    expect(all.filter((character) => control.test(character))).toEqual(
      all.filter((character) => /\p{Cc}/u.test(character)),
    );
  });
});

describe('safeJson', () => {
  it('is harmless on a terminal and gives back the exact value to a program', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = safeJson({ text });
        expect(json).not.toMatch(unsafe);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });

  it('keeps the line end of a line of JSON', () => {
    expect(escapeJson('{"a":"\u009b\u{e0041}"}\n')).toBe('{"a":"\\u009b\\udb40\\udc41"}\n');
  });
});
