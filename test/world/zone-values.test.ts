import { describe, expect, it } from 'vitest';
import { checkValue, parseCaa, parseCharacterStrings, type RecordType } from './zone-values.ts';

const strings = (value: string): readonly string[] =>
  parseCharacterStrings(value).map((string) => string.toString('latin1'));

describe('a TXT value', () => {
  it.each([
    ['"abc"', ['abc']],
    ['""', ['']],
    ['"Case Is Kept"', ['Case Is Kept']],
    ['"one" "two"', ['one', 'two']],
    ['"one""two"', ['one', 'two']],
    ['"one"   "two"', ['one', 'two']],
    [String.raw`"say \"hi\""`, ['say "hi"']],
    [String.raw`"back\\slash"`, ['back\\slash']],
    [String.raw`"tab\011end\377"`, ['tab\tendÿ']],
    [String.raw`"a\;b"`, ['a;b']],
    [`"${'a'.repeat(255)}"`, ['a'.repeat(255)]],
    [`"${String.raw`\101`.repeat(255)}"`, ['A'.repeat(255)]],
  ])('%s is well-formed', (value, wanted) => {
    expect(strings(value)).toEqual(wanted);
  });

  const quotation = (value: string): string =>
    `FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '${value}'`;
  it.each(['', 'abc', '"abc', 'abc"', '"a"b', '"a" b', 'a "b"', '"a\\"', ' "a"', '"a"\t"b"'])(
    '%j is not enclosed in quotation marks',
    (value) => {
      expect(() => strings(value)).toThrow(quotation(value));
    },
  );

  it('is too long when one of its strings is', () => {
    const value = `"short" "${'a'.repeat(256)}"`;
    expect(() => strings(value)).toThrow(
      `FATAL problem: CharacterStringTooLong (Value is too long) encountered with '${value}'`,
    );
  });

  it.each(['\t', '\n', 'ü', '\u007f'])('holds no %j that is not escaped', (char) => {
    expect(() => strings(`"a${char}b"`)).toThrow(
      `FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with '${char}'`,
    );
  });
});

describe('values of other types', () => {
  const good: readonly (readonly [RecordType, string])[] = [
    ['A', '192.0.2.1'],
    ['AAAA', '2001:db8::1'],
    ['CNAME', 'nas.lan.example'],
    ['NS', 'ns-1.example.'],
    ['PTR', 'nas.lan.example.'],
    ['MX', '10 mail.lan.example.'],
    ['MX', '0 .'],
    ['SRV', '1 2 443 nas.lan.example.'],
    ['SOA', 'ns.example. hostmaster.example. 1 7200 900 1209600 86400'],
    ['CAA', '0 issue "letsencrypt.org"'],
    ['CAA', '128 issuewild ";"'],
    ['SPF', '"v=spf1 -all"'],
    ['DS', '12345 8 2 0123456789ABCDEF'],
    ['TLSA', '3 1 1 00ff'],
    ['SSHFP', `1 1 ${'0f'.repeat(20)}`],
    ['SSHFP', `4 2 ${'0f'.repeat(32)}`],
    ['NAPTR', '100 50 "s" "http" "" a.example.'],
    ['HTTPS', '1 .'],
  ];
  it.each(good)('%s %s is taken', (type, value) => {
    expect(() => {
      checkValue(type, value);
    }).not.toThrow();
  });

  const bad: readonly (readonly [RecordType, string, string])[] = [
    ['A', 'nas', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
    ['A', '2001:db8::1', 'ARRDATAIllegalIPv4Address'],
    ['AAAA', '192.0.2.1', 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'],
    ['AAAA', 'fe80::1%eth0', 'AAAARRDATAIllegalIPv6Address'],
    ['CNAME', 'a..b', 'DomainLabelEmpty'],
    ['MX', 'mail.lan.example.', 'InvalidMXRDATA'],
    ['MX', '70000 mail.lan.example.', 'InvalidMXRDATA'],
    ['SRV', '1 2 nas.lan.example.', 'InvalidSRVRDATA'],
    ['SOA', 'ns.example. 1', 'InvalidSOARDATA'],
    ['CAA', 'issue "letsencrypt.org"', 'InvalidCAARDATA'],
    ['CAA', '300 issue "letsencrypt.org"', 'InvalidCAARDATA'],
    ['CAA', '0 issue "a" "b"', 'InvalidCAARDATA'],
    ['SPF', 'v=spf1', 'InvalidCharacterString'],
    ['DS', '1 8 2 xyz', 'InvalidDSRDATA'],
    ['TLSA', '3 1 00ff', 'InvalidTLSARDATA'],
    ['SSHFP', '1 1 00ff', 'InvalidSSHFPRDATA'],
    ['SSHFP', `1 3 ${'0f'.repeat(32)}`, 'InvalidSSHFPRDATA'],
    ['NAPTR', ' ', 'RRDATAEmpty'],
  ];
  it.each(bad)('%s %j is refused', (type, value, problem) => {
    expect(() => {
      checkValue(type, value);
    }).toThrow(`FATAL problem: ${problem}`);
  });

  it('a CAA value is what stands between the quotation marks', () => {
    expect(parseCaa('0 issue "ca.example; validationmethods=dns-01"')).toEqual({
      flags: 0,
      tag: 'issue',
      value: 'ca.example; validationmethods=dns-01',
    });
  });
});
