import { expect, it } from 'vitest';
import { closedFolders, type Readers, versionPermissions } from '../../src/core/file-permissions.ts';

const octal = (readers: Readers) => {
  const { folder, key, certificate } = versionPermissions(readers);
  return [folder, key, certificate].map(
    ({ uid = '-', gid = '-', mode }) => `${mode.toString(8)} ${uid}:${gid}`,
  );
};

it.each<[string, Readers, readonly [folder: string, key: string, certificate: string]]>([
  ['nobody', {}, ['700 -:-', '600 -:-', '644 -:-']],
  ['a group', { gid: 7 }, ['750 -:7', '640 -:7', '644 -:-']],
  ['an owner', { uid: 5 }, ['711 -:-', '600 5:-', '644 5:-']],
  ['an owner and a group that they need not be in', { uid: 5, gid: 7 }, ['711 -:7', '640 5:7', '644 5:-']],
])(
  'a version that %s may read has these permissions, and only we can change its folder',
  (_, readers, expected) => {
    expect(octal(readers)).toEqual(expected);
  },
);

it.each<[string, Readers, number, boolean]>([
  ['nobody else ever has to pass', {}, 0o700, true],
  ['everybody passes an open folder', { uid: 5, gid: 7 }, 0o751, true],
  ['a group passes a folder of its own', { gid: 7 }, 0o750, true],
  ['a group does not pass a closed folder', { gid: 7 }, 0o700, false],
  ['another group does not pass', { gid: 8 }, 0o750, false],
  ['an owner passes a folder of theirs', { uid: 5 }, 0o700, true],
  ['an owner in no group does not pass that of others', { uid: 6 }, 0o770, false],
  ['both have to pass', { uid: 5, gid: 7 }, 0o700, false],
])('%s', (_, readers, mode, passes) => {
  const folder = { path: '/home/a', uid: 5, gid: 7, mode: 0o40000 | mode };
  expect(closedFolders([folder], readers)).toEqual(passes ? [] : [folder]);
});
