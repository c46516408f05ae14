import { describe, expect, it, test } from 'vitest';
import { parseCertbotConfig } from '../../src/core/certbot-config.ts';

const file = '/etc/letsencrypt/renewal/nas.lan.example.conf';
const parse = (text: string) => parseCertbotConfig(text, file);
const valueOf = (text: string) => parse(`key = ${text}`).get('')?.get('key');

test('a file as certbot 4 writes it', () => {
  const text = `# renew_before_expiry = 30 days
version = 4.0.0
archive_dir = /etc/letsencrypt/archive/nas.lan.example

# Options used in the renewal process
[renewalparams]
account = 5639e961b7ada06ab6d95c5751a6f38a
pref_challs = dns-01,
renew_hook = '''systemctl reload nginx && echo "a, b" 'x' # y'''
webroot_path = /var/www, /srv/www
[[webroot_map]]
nas.lan.example = /var/www
"*.lan.example" = /srv/www
`;
  expect(
    Object.fromEntries(Array.from(parse(text), ([name, keys]) => [name, Object.fromEntries(keys)])),
  ).toEqual({
    '': { version: '4.0.0', archive_dir: '/etc/letsencrypt/archive/nas.lan.example' },
    renewalparams: {
      account: '5639e961b7ada06ab6d95c5751a6f38a',
      pref_challs: ['dns-01'],
      renew_hook: `systemctl reload nginx && echo "a, b" 'x' # y`,
      webroot_path: ['/var/www', '/srv/www'],
    },
    'renewalparams/webroot_map': { 'nas.lan.example': '/var/www', '*.lan.example': '/srv/www' },
  });
});

describe('a value', () => {
  // What ConfigObj 5.0.9 reads there.
  it.each([
    ['plain', 'plain'],
    ['two words', 'two words'],
    ['', ''],
    ['""', ''],
    ['" kept "', ' kept '],
    [`'say "x"'`, 'say "x"'],
    [`say "x" 'y'`, `say "x" 'y'`],
    ['text # comment', 'text'],
    ['text#comment', 'text'],
    ['"a # b" # comment', 'a # b'],
    ['"a, b"', 'a, b'],
    ['a=b=c', 'a=b=c'],
    ['a,', ['a']],
    ['a, "b, c" , d', ['a', 'b, c', 'd']],
    ['a, b # comment', ['a', 'b']],
    [',', []],
    ['"""one line"""  # comment', 'one line'],
    [`'''two\nlines'''`, 'two\nlines'],
    ['date +%s', 'date +%s'],
  ])('%j is %j', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });
});

test('line ends of Windows, a mark at the beginning and blanks around are nothing', () => {
  expect(parse('\uFEFF[a]\r\n\tkey = 1\r\n').get('a')?.get('key')).toBe('1');
});

test('a key may be called as it likes', () => {
  expect(parse('__proto__ = 1\nconstructor = 2').get('')?.get('__proto__')).toBe('1');
});

describe('refused is', () => {
  it.each([
    ['what is neither section nor key', 'nonsense', 1, 'it is neither a section nor KEY = VALUE'],
    ['a key without a name', ' = 1', 1, 'it is neither a section nor KEY = VALUE'],
    ['a second value', 'a = 1\na = 2', 2, 'there are two values for this key'],
    ['a second section', '[a]\n[a]', 2, 'there are two sections of this name'],
    ['a section that skips a level', '[[a]]', 1, 'it is no heading of a section'],
    ['a section half closed', '[[a]', 1, 'it is no heading of a section'],
    ['a quote half closed', 'a = "b', 1, 'its value is badly quoted'],
    ['text after a quote', 'a = "b" c', 1, 'its value is badly quoted'],
    ['a list with a gap', 'a = b,,c', 1, 'its list has a gap'],
    ['three quotes that are not closed', 'a = """b\nc', 3, 'its three quotes are not closed'],
    ['text after three quotes', "a = '''b''' c", 1, 'something follows its quotes'],
    ['a value made of others', 'a = %(b)s', 1, 'it refers to other values'],
    ['a file without end', 'a\n'.repeat(2001), 2001, 'there are too many lines'],
  ])('%s', (_, text, line, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'import.unreadable',
        message: `${file} cannot be read: line ${line}: ${why}`,
      }),
    );
  });

  it('whatever it is, in good time', () => {
    for (const piece of [' ', '"', "'", ',', '[', '= ', '#', "'''", 'a', '%('])
      expect(() => {
        try {
          parse(`key = ${piece.repeat(100_000)}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'import.unreadable' });
        }
      }).not.toThrow();
  });
});
