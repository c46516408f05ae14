import { chmod, chown, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostHooks } from '../../src/io/host-hooks.ts';
import { isRoot, stranger } from '../support/as-root.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let temporary: TempFolder;
let top: string;
let folder: string;
let envFile: string;
beforeEach(async () => {
  temporary = await makeTempFolder('host-hooks');
  top = await realpath(temporary.path);
  folder = join(top, 'etc', 'deploy.d');
  envFile = join(top, 'etc', 'lanacme.env');
  await mkdir(join(top, 'etc'), { mode: 0o755 });
  await mkdir(folder, { mode: 0o755 });
  await writeFile(envFile, '', { mode: 0o640 });
  // Whatever the umask of whoever runs this.
  await chmod(envFile, 0o640);
});
afterEach(async () => {
  await temporary.remove();
});

const script = async (name: string, mode = 0o755) => {
  await writeFile(join(folder, name), '#!/bin/sh\n');
  await chmod(join(folder, name), mode);
  return join(folder, name);
};
const list = (commands: readonly string[] = []) =>
  hostHooks({ commands, envFile, folder }).map(({ command, isFile, refusal }) => [
    command,
    isFile,
    refusal?.message,
  ]);

describe('the hooks of a host', () => {
  it('are those of the env file as they stand there, then the executables by name', async () => {
    const [second, first] = [await script('20-b'), await script('10-a.sh')];
    expect(list(['reload b', 'reload a'])).toEqual([
      ['reload b', false, undefined],
      ['reload a', false, undefined],
      [first, true, undefined],
      [second, true, undefined],
    ]);
  });

  it('are refused when nobody can tell who could write them', async () => {
    await rm(envFile);
    expect(list(['x'])[0]?.[2]).toBe(
      `the hooks in ${envFile} are not run: nobody can tell who could write it`,
    );
  });

  it('are none without a folder', async () => {
    await rm(folder, { recursive: true });
    expect(list()).toEqual([]);
  });

  it.each(['.hidden', 'a~', '#a#', 'a.bak', 'a.dpkg-old', 'a.rpmsave', 'a b', '-a'])(
    'are not what is called %s',
    async (name) => {
      await script(name);
      expect(list()).toEqual([]);
    },
  );

  it('are not what cannot be run: folders, files without x, links to nowhere', async () => {
    await script('readme', 0o644);
    await mkdir(join(folder, 'folder'));
    await symlink('/nonexistent', join(folder, 'link'));
    expect(list()).toEqual([]);
  });

  it('may be links to what only root or this user can write', async () => {
    await symlink('/bin/true', join(folder, 'true'));
    expect(list()).toEqual([[join(folder, 'true'), true, undefined]]);
  });

  it.each<[string, () => Promise<string>]>([
    [
      'the env file',
      async () => {
        await chmod(envFile, 0o660);
        return `${envFile} are not run: it can be written by its group`;
      },
    ],
    [
      'deploy.d',
      async () => {
        await chmod(folder, 0o1777);
        return `${folder} are not run: it can be written by others`;
      },
    ],
    [
      'an executable',
      async () => {
        await chmod(join(folder, 'a'), 0o777);
        return `${join(folder, 'a')} are not run: it can be written by others`;
      },
    ],
  ])('are refused when others can write %s', async (_, spoil) => {
    await script('a');
    const message = await spoil();
    const refused = list(['reload']).flatMap(([, , refusal]) => refusal ?? []);
    expect(refused).toEqual([expect.stringContaining(message)]);
  });
});

describe.runIf(isRoot(import.meta.url))('root', () => {
  it('also refuses them when somebody else owns or can write a folder above', async () => {
    await script('a');
    const above = join(top, 'etc');
    await chmod(above, 0o775);
    expect(list(['x']).map(([, , refusal]) => refusal)).toEqual([
      expect.stringContaining(`${above} can be written by its group`),
      expect.stringContaining(`${above} can be written by its group`),
    ]);
    await chmod(above, 0o755);
    await chown(above, stranger, 0);
    expect(list(['x'])[0]?.[2]).toContain(
      `${above} belongs to user ${stranger}, who could make root run anything`,
    );
  });

  it('trusts what is its own below a sticky folder, where nobody can replace it', async () => {
    await chmod(join(top, 'etc'), 0o1777);
    await script('a');
    expect(list(['x']).map(([, , refusal]) => refusal)).toEqual([undefined, undefined]);
  });

  it('refuses a link that somebody else made, and one to what somebody else owns', async () => {
    const theirs = join(top, 'theirs');
    await writeFile(theirs, '#!/bin/sh\n');
    await chmod(theirs, 0o755);
    await symlink(theirs, join(folder, 'a'));
    expect(list()[0]?.[2]).toBeUndefined();
    await chown(theirs, stranger, stranger);
    expect(list()[0]?.[2]).toContain(`${theirs} belongs to user ${stranger}`);
  });
});
