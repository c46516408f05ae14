import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { withTempFolder } from '../support/temp-folder.ts';
import { findNginx } from './nginx-binary.ts';

const program = async (path: string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
};
const nothing = async (): Promise<void> => {
  await Promise.reject(new Error('bookworm: no route to host'));
};

test('the variable NGINX comes first', async () => {
  await withTempFolder(async (folder) => {
    const named = await program(join(folder, 'mine'));
    expect(await findNginx({ NGINX: named, XDG_CACHE_HOME: folder }, nothing)).toBe(named);
  });
});

test('an NGINX that cannot be run is an error, whatever else there is', async () => {
  await withTempFolder(async (folder) => {
    const env = { NGINX: join(folder, 'gone'), XDG_CACHE_HOME: folder };
    await expect(findNginx(env, nothing)).rejects.toThrow('which is not a program that can be run');
  });
});

test('there is one on a machine that has a Debian mirror, and it is the real one', async () => {
  expect(await findNginx()).toMatch(/\/usr\/sbin\/nginx$/);
});
