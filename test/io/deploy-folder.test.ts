import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDeployFolder } from '../../src/io/deploy-folder.ts';
import { hostHooks } from '../../src/io/host-hooks.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let top: TempFolder;
let path: string;
beforeEach(async () => {
  top = await makeTempFolder('deploy-folder');
  path = join(top.path, 'lanacme', 'deploy.d');
});
afterEach(async () => {
  await top.remove();
});

const add = async (content = '#!/bin/sh\n') =>
  await makeDeployFolder(path).add({ name: 'certbot-x', content: Buffer.from(content) });

test('an executable is added, with the folders that it needs, and is a hook then', async () => {
  expect(await add()).toBe(true);
  const modes = [join(path, '..'), path, join(path, 'certbot-x')].map(
    async (at) => (await stat(at)).mode & 0o7777,
  );
  expect(await Promise.all(modes)).toEqual([0o755, 0o755, 0o755]);
  const hook = { command: join(path, 'certbot-x'), isFile: true };
  expect(hostHooks({ commands: [], folder: path })).toEqual([hook]);
});

test('what is there already stays as it is, links included', async () => {
  expect(await add('first')).toBe(true);
  expect(await add('second')).toBe(false);
  expect(await readFile(join(path, 'certbot-x'), 'utf8')).toBe('first');
  await symlink('/nonexistent', join(path, 'certbot-y'));
  const file = { name: 'certbot-y', content: Buffer.from('x') };
  expect(await makeDeployFolder(path).add(file)).toBe(false);
  expect(await readdir(path)).toEqual(['certbot-x', 'certbot-y']);
});

test('nothing is put where somebody else could change it', async () => {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
  await expect(add()).rejects.toMatchObject({
    code: 'import.unsafe',
    message: `${path} can be written by others: no hook of root is put below it`,
  });
  await writeFile(join(path, 'x'), '');
  expect(await readdir(path)).toEqual(['x']);
});
