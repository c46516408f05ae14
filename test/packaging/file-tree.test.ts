import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { file, folder, foldersOf, writeTree } from '../../packaging/file-tree.ts';
import { installedKilobytes } from '../../packaging/installed-size.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const tree = new Map([
  ['etc/one', folder(0o750)],
  ['etc/one/secret', file('x'.repeat(1025), 0o640)],
  ['usr/bin/program', { kind: 'link', target: '../lib/program.js' }],
  ['usr/lib/program.js', file('#!', 0o755)],
] as const);

test('folders above an entry belong to the tree, each before what is in it', () => {
  expect(foldersOf(tree)).toEqual(['etc', 'etc/one', 'usr', 'usr/bin', 'usr/lib']);
});

test('the installed size counts whole kilobytes for files and one for anything else', () => {
  expect(installedKilobytes(tree)).toBe(2 + 1 + 1 + 5);
});

test.each([0o000, 0o022, 0o077])('modes and dates are the same under umask %o', async (umask) => {
  const date = new Date('2026-02-03T04:05:06Z');
  await withTempFolder(async (path) => {
    const root = join(path, 'root');
    const before = process.umask(umask);
    try {
      await writeTree(tree, root, date);
    } finally {
      process.umask(before);
    }
    const found = await Promise.all(
      ['', 'etc', 'etc/one', 'etc/one/secret', 'usr/lib/program.js', 'usr/bin/program'].map(async (entry) => {
        const { mode, mtime } = await lstat(join(root, entry));
        return [(mode & 0o777).toString(8), mtime] as const;
      }),
    );
    expect(found.map(([mode]) => mode).slice(0, -1)).toEqual(['755', '755', '750', '640', '755']);
    expect(found.every(([, mtime]) => mtime.getTime() === date.getTime())).toBe(true);
    expect(await readlink(join(root, 'usr/bin/program'))).toBe('../lib/program.js');
  });
});
