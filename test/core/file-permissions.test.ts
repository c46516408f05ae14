import { expect, it } from 'vitest';
import { type Readers, versionPermissions } from '../../src/core/file-permissions.ts';

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
