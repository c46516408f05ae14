import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { withTempFolder } from '../support/temp-folder.ts';
import { findPebble } from './pebble-binary.ts';

const program = async (path: string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
};
const unpacks = async (folder: string): Promise<void> => {
  await program(join(folder, 'usr/bin/pebble'));
};
const cannotUnpack = async (): Promise<void> => {
  await Promise.reject(new Error('forky: apt-get update: no route to host'));
};

test('the variable PEBBLE comes first, before the package and PATH', async () => {
  await withTempFolder(async (folder) => {
    const named = await program(join(folder, 'mine'));
    await program(join(folder, 'bin/pebble'));
    const env = { PEBBLE: named, PATH: join(folder, 'bin'), XDG_CACHE_HOME: folder };
    expect(await findPebble(env, unpacks)).toBe(named);
  });
});

test('a PEBBLE that cannot be run is an error, whatever else there is', async () => {
  await withTempFolder(async (folder) => {
    await program(join(folder, 'bin/pebble'));
    const env = { PEBBLE: join(folder, 'gone'), PATH: join(folder, 'bin'), XDG_CACHE_HOME: folder };
    await expect(findPebble(env, unpacks)).rejects.toThrow(
      /PEBBLE is .*gone, which is not a program .*go install/,
    );
  });
});

test('the package comes before PATH, and is unpacked once', async () => {
  await withTempFolder(async (folder) => {
    await program(join(folder, 'bin/pebble'));
    const env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') };
    const found = await findPebble(env, unpacks);
    expect(found.startsWith(join(folder, 'cache/lanacme-tests/pebble-'))).toBe(true);
    expect(await findPebble(env, cannotUnpack)).toBe(found);
  });
});

test('without the package the one on PATH is taken, in the order of PATH', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'pebble'), 'not executable');
    const second = await program(join(folder, 'second/pebble'));
    await program(join(folder, 'third/pebble'));
    const path = [folder, join(folder, 'second'), join(folder, 'third')].join(':');
    expect(await findPebble({ PATH: path, XDG_CACHE_HOME: folder }, cannotUnpack)).toBe(second);
  });
});

test('with nothing at all the error has every reason and the line that gets one', async () => {
  await withTempFolder(async (folder) => {
    const finding = findPebble({ PATH: folder, XDG_CACHE_HOME: folder }, cannotUnpack);
    await expect(finding).rejects.toThrow(
      /^no Pebble 2\.10 or newer: PEBBLE is not set, .*no route to host.*, none on PATH; get it with: .*go install .*export PEBBLE=/,
    );
  });
});
