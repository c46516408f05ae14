import { expect, test } from 'vitest';
import { findDebianArchive, sourcesFor } from './debian-sources.ts';

const mirror = 'http://mirror.example/debian';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

test.for([
  ['a bare line', 'sources.list', `deb ${mirror} bookworm main`, { uris: mirror }],
  [
    'a line with options, a comment and more components',
    'sources.list',
    `# all of it\ndeb [ arch=amd64 signed-by=${keyring} ] ${mirror} trixie main contrib # ours`,
    { uris: mirror, signedBy: keyring },
  ],
  [
    'a line with two key files',
    'debian.list',
    `deb [signed-by=/a.gpg,/b.gpg] ${mirror} sid main`,
    { uris: mirror, signedBy: '/a.gpg /b.gpg' },
  ],
  [
    'lines of sources, a CD, the security archive and other vendors before it',
    'sources.list',
    [
      `deb-src ${mirror} bookworm main`,
      'deb cdrom:[Debian GNU/Linux 12]/ bookworm main',
      'deb http://mirror.example/debian-security bookworm-security main',
      'deb https://packages.vendor.example/apt stable vendor',
      '# deb http://off.example/debian bookworm main',
      'deb mirror+file:/etc/apt/mirrors/debian.list bookworm main',
    ].join('\n'),
    { uris: 'mirror+file:/etc/apt/mirrors/debian.list' },
  ],
  [
    'an entry in the deb822 format, with a comment inside',
    'debian.sources',
    `Types: deb\n# http://old.example/debian\nURIs: ${mirror}\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: ${keyring}\n`,
    { uris: mirror, signedBy: keyring },
  ],
  [
    'the second entry, if the first is another archive',
    'debian.sources',
    `Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\nComponents: main\n\nTypes: deb deb-src\nUris: ${mirror}\n http://second.example/debian\nSuites: bookworm\nComponents: main contrib\n`,
    { uris: `${mirror} http://second.example/debian` },
  ],
  [
    'an entry with its key inside',
    'debian.sources',
    `Types: deb\nURIs: ${mirror}\nSuites: sid\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n -----END PGP PUBLIC KEY BLOCK-----\n`,
    {
      uris: mirror,
      signedBy: '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n -----END PGP PUBLIC KEY BLOCK-----',
    },
  ],
] as const)('the Debian archive is found in %s', ([, name, text, expected]) => {
  expect(findDebianArchive([{ name, text }])).toEqual(expected);
});

test.for([
  ['an Ubuntu machine', 'sources.list', 'deb http://mirror.example/ubuntu noble main universe'],
  [
    'an entry that is switched off',
    'debian.sources',
    `Enabled: no\nTypes: deb\nURIs: ${mirror}\nSuites: sid\nComponents: main\n`,
  ],
  ['an entry without the main component', 'sources.list', `deb ${mirror} bookworm contrib`],
  ['an entry without a URI', 'debian.sources', 'Types: deb\nSuites: sid\nComponents: main\n'],
  ['nothing', 'sources.list', ''],
] as const)('no Debian archive is seen in %s', ([, name, text]) => {
  expect(findDebianArchive([{ name, text }])).toBeUndefined();
});

test('the first file that has one counts', () => {
  const files = [
    { name: 'a.list', text: 'deb https://packages.vendor.example/apt stable vendor' },
    { name: 'b.sources', text: `Types: deb\nURIs: ${mirror}\nSuites: sid\nComponents: main\n` },
    { name: 'c.list', text: 'deb http://third.example/debian sid main' },
  ];
  expect(findDebianArchive(files)).toEqual({ uris: mirror });
});

test('an entry for another suite keeps mirror and key, a key of several lines too', () => {
  expect(sourcesFor({ uris: mirror, signedBy: keyring }, 'forky')).toBe(
    `Types: deb\nURIs: ${mirror}\nSuites: forky\nComponents: main\nSigned-By: ${keyring}\n`,
  );
  const signedBy = '\n -----BEGIN-----\n .\n mDMEY';
  const text = sourcesFor({ uris: mirror, signedBy }, 'sid');
  expect(findDebianArchive([{ name: 'again.sources', text }])).toEqual({ uris: mirror, signedBy });
  expect(sourcesFor({ uris: mirror }, 'sid')).not.toContain('Signed-By');
});
