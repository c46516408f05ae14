import { describe, expect, it } from 'vitest';
import { isProfileName, withProfile } from '../../src/core/credentials-file.ts';

const session = {
  accessKeyId: 'ASIANEW',
  secretAccessKey: 'new/secret',
  sessionToken: 'new+token==',
  expiration: new Date('2026-11-23T11:00:00Z'),
};
const section = (name: string, lineEnd = '\n'): string =>
  [
    `[${name}]`,
    '# written by lanacme credentials, good until 2026-11-23T11:00:00Z',
    'aws_access_key_id = ASIANEW',
    'aws_secret_access_key = new/secret',
    'aws_session_token = new+token==',
    '',
  ].join(lineEnd);

const old = '[default]\naws_access_key_id = ASIAOLD\nrole_arn=x\n';
const other = '[other]\naws_access_key_id=AKIAOTHER\naws_secret_access_key =  kept \n';

const files: readonly (readonly [what: string, present: string, written: string])[] = [
  ['a file that is empty', '', section('default')],
  ['the only section', old, section('default')],
  ['the first section', `${old}\n${other}`, `${section('default')}\n${other}`],
  ['a section between others', `${other}${old}${other}`, `${other}${section('default')}${other}`],
  ['the last section', `${other}\n${old}`, `${other}\n${section('default')}`],
  ['a section that is not there', other, `${other}\n${section('default')}`],
  ['no line end at the end of another section', '[other]\na=b', `[other]\na=b\n\n${section('default')}`],
  ['no line end at the end of its own', `${other}[default]\na=b`, `${other}${section('default')}`],
  ['a comment before the first section', `# mine\n${old}`, `# mine\n${section('default')}`],
  [
    'a comment of the next section',
    `${old}\n# of other\n${other}`,
    `${section('default')}\n# of other\n${other}`,
  ],
  ['two sections of the profile', `${old}${other}${old}# end\n`, `${section('default')}${other}# end\n`],
  ['odd spelling of the header', '  [ default ] # mine\na=b\n', section('default')],
  ['a header that only looks like it', `[default2]\na=b\n`, `[default2]\na=b\n\n${section('default')}`],
  [
    'a section that stands in a value',
    `[other]\na=[default]\n`,
    `[other]\na=[default]\n\n${section('default')}`,
  ],
  ['a section that is commented out', `#[default]\n#a=b\n`, `#[default]\n#a=b\n\n${section('default')}`],
  ['nested settings', `[default]\ns3 =\n  a = b\n${other}`, `${section('default')}${other}`],
  ['the mark of UTF-8', `\u00ef\u00bb\u00bf${old}`, `\u00ef\u00bb\u00bf${section('default')}`],
  ['line ends of Windows', '[other]\r\na=b\r\n', `[other]\r\na=b\r\n\r\n${section('default', '\r\n')}`],
];

describe('a profile is written into a credentials file', () => {
  it.each(files)('with %s', (_what, present, written) => {
    expect(withProfile(present, 'default', session)).toBe(written);
  });

  it.each(files)('and written again, nothing changes: %s', (_what, _present, written) => {
    expect(withProfile(written, 'default', session)).toBe(written);
  });

  it('and every other byte is what it was, also where it is not text', () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0d, 0x0a]).toString('latin1');
    expect(withProfile(`[x]\n${bytes}${old}`, 'default', session)).toBe(`[x]\n${bytes}${section('default')}`);
  });

  it('with its own name only', () => {
    expect(withProfile(old, 'nas', session)).toBe(`${old}\n${section('nas')}`);
  });

  it('and has no token and no end where the credentials have none', () => {
    expect(withProfile('', 'default', { accessKeyId: 'AKIA1', secretAccessKey: 's' })).toBe(
      '[default]\n# written by lanacme credentials\naws_access_key_id = AKIA1\naws_secret_access_key = s\n',
    );
  });

  it('but never with a line in it that the credentials brought', () => {
    const forged = { ...session, sessionToken: 'token\ncredential_process = id' };
    expect(() => withProfile('', 'default', forged)).toThrow(
      expect.objectContaining({ code: 'credentials.bad-answer' }),
    );
  });
});

it.each([
  ['default', true],
  ['nas.lan.example', true],
  ['a]b', false],
  ['two words', false],
  ['', false],
  ['x'.repeat(129), false],
])('the name %j for a profile: %s', (name, isGood) => {
  expect(isProfileName(name)).toBe(isGood);
});
