import { describe, expect, it } from 'vitest';
import { bold, escaped, prose, typed } from '../../packaging/troff.ts';

describe('text for troff', () => {
  it.each([
    ['a backslash', 'a\\b', 'a\\(rsb'],
    ['quotes, which a terminal would show as typographic ones', `'x' "y"`, '\\(aqx\\(aq \\(dqy\\(dq'],
    ['characters that would become accents', '`^~', '\\(ga\\(ha\\(ti'],
    ['a hyphen in a word stays one', 'record-set', 'record-set'],
    ['dashes of an option are minus signs', '--zone', '\\-\\-zone'],
    ['what is not ASCII', 'NAME …', 'NAME \\[u2026]'],
    ['beyond the first plane', '😀', '\\[u1F600]'],
    ['a line end would let a request begin', 'a\n.so /etc/passwd', 'a .so /etc/passwd'],
  ])('%s', (_what, text, expected) => {
    expect(escaped(text)).toBe(expected);
  });

  it('all hyphens of what is typed are minus signs', () => {
    expect(typed('lanacme renew --dry-run')).toBe('lanacme renew \\-\\-dry\\-run');
  });

  it.each([
    ['.TH is a request', '\\&.TH is a request'],
    ["'tis one, if it were not escaped", '\\(aqtis one, if it were not escaped'],
    ['see `lanacme-renew`(1)', 'see \\fBlanacme\\-renew\\fR(1)'],
    ['`.env`', '\\fB.env\\fR'],
  ])('a line of text: %s', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  it('nothing inside of bold ends it', () => {
    expect(bold('\\fR')).toBe('\\fB\\(rsfR\\fR');
  });
});
