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
const hasImage = async (): Promise<string> => 'pebble:2.10';
const noEngine = async (): Promise<string> => await Promise.reject(new Error('no Docker engine here'));

test('the variable PEBBLE comes first, before the package and PATH', async () => {
  await withTempFolder(async (folder) => {
    const named = await program(join(folder, 'mine'));
    await program(join(folder, 'bin/pebble'));
    const env = { PEBBLE: named, PATH: join(folder, 'bin'), XDG_CACHE_HOME: folder };
    expect(await findPebble({ env, unpack: unpacks, findImage: hasImage })).toEqual({ program: named });
  });
});

test('a PEBBLE that cannot be run is an error, whatever else there is', async () => {
  await withTempFolder(async (folder) => {
    await program(join(folder, 'bin/pebble'));
    const env = { PEBBLE: join(folder, 'gone'), PATH: join(folder, 'bin'), XDG_CACHE_HOME: folder };
    await expect(findPebble({ env, unpack: unpacks, findImage: hasImage })).rejects.toThrow(
      /PEBBLE is .*gone, which is not a program .*go install/,
    );
  });
});

test('the package comes before a container and PATH, and is unpacked once', async () => {
  await withTempFolder(async (folder) => {
    await program(join(folder, 'bin/pebble'));
    const env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') };
    const found = await findPebble({ env, unpack: unpacks, findImage: hasImage });
    expect(found).toEqual({
      program: expect.stringContaining(join(folder, 'cache/lanacme-tests/pebble-')) as string,
    });
    expect(await findPebble({ env, unpack: cannotUnpack, findImage: hasImage })).toEqual(found);
  });
});

test('without the package a container is taken, before PATH', async () => {
  await withTempFolder(async (folder) => {
    await program(join(folder, 'bin/pebble'));
    const env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: folder };
    const found = await findPebble({ env, unpack: cannotUnpack, findImage: hasImage });
    expect(found).toEqual({ image: 'pebble:2.10' });
  });
});

test('without both the one on PATH is taken, in the order of PATH', async () => {
  await withTempFolder(async (folder) => {
    await writeFile(join(folder, 'pebble'), 'not executable');
    const second = await program(join(folder, 'second/pebble'));
    await program(join(folder, 'third/pebble'));
    const path = [folder, join(folder, 'second'), join(folder, 'third')].join(':');
    const env = { PATH: path, XDG_CACHE_HOME: folder };
    expect(await findPebble({ env, unpack: cannotUnpack, findImage: noEngine })).toEqual({ program: second });
  });
});

test('with nothing at all the error has every reason and the line that gets one', async () => {
  await withTempFolder(async (folder) => {
    const env = { PATH: folder, XDG_CACHE_HOME: folder };
    await expect(findPebble({ env, unpack: cannotUnpack, findImage: noEngine })).rejects.toThrow(
      /^no Pebble 2\.10 or newer: PEBBLE is not set, .*no route to host.*no Docker engine here.*, none on PATH; get it with: .*go install .*export PEBBLE=/,
    );
  });
});
