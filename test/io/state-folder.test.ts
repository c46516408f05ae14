import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateFolder } from '../../src/io/state-folder.ts';
import { treeOf } from '../support/modes.ts';

let parent: string;
let path: string;
let home: string | undefined;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lanacme-state-'));
  path = join(parent, 'state');
  home = process.env['HOME'];
});
afterEach(async () => {
  if (home === undefined) delete process.env['HOME'];
  else process.env['HOME'] = home;
  await rm(parent, { recursive: true });
});

async function lookAt(folder: string): Promise<boolean> {
  return new StateFolder(folder).exists();
}

describe('the state folder', () => {
  it('is made when something is written, and not before', async () => {
    const state = new StateFolder(path);
    expect(state.exists()).toBe(false);
    expect(await treeOf(parent)).toEqual({});
    expect(await state.folder('a/b')).toBe(join(path, 'a/b'));
    expect(await treeOf(parent)).toEqual({ state: 'd 700', 'state/a': 'd 700', 'state/a/b': 'd 700' });
  });

  it('keeps the mode that somebody gave it', async () => {
    await mkdir(path, { mode: 0o711 });
    await new StateFolder(path).folder('a');
    expect(await treeOf(parent)).toEqual({ state: 'd 711', 'state/a': 'd 700' });
  });

  it('may be a link, as systemd makes it for a dynamic user', async () => {
    await mkdir(join(parent, 'private'), { mode: 0o700 });
    await symlink('private', path);
    await new StateFolder(path).folder('a');
    expect(await treeOf(parent)).toEqual({ private: 'd 700', 'private/a': 'd 700', state: '-> private' });
  });

  it('is made by one of two runs that start at once', async () => {
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await new StateFolder(path).folder('a');
      }),
    );
    expect(await treeOf(parent)).toEqual({ state: 'd 700', 'state/a': 'd 700' });
  });

  it('is not made in a place that is not there', async () => {
    const state = new StateFolder(join(parent, 'not-mounted', 'state'));
    await expect(state.make()).rejects.toMatchObject({
      code: 'state.unwritable',
      message: `cannot write ${parent}/not-mounted/state: no such file or folder`,
      hint: 'make the folder that should hold it, or choose another folder with --state-dir',
    });
    expect(await treeOf(parent)).toEqual({});
  });

  it('is made with all that is missing below the home of the user', async () => {
    process.env['HOME'] = parent;
    await new StateFolder(join(parent, '.local/state/lanacme')).make();
    expect(await treeOf(parent)).toEqual({
      '.local': 'd 700',
      '.local/state': 'd 700',
      '.local/state/lanacme': 'd 700',
    });
  });

  it.each([
    [
      'a file',
      async () => {
        await writeFile(path, '');
      },
    ],
    [
      'a link to nothing',
      async () => {
        await symlink('nowhere', path);
      },
    ],
  ])('cannot be %s', async (_, put) => {
    await put();
    await expect(new StateFolder(path).make()).rejects.toMatchObject({
      code: 'state.unsafe',
      message: `${path} is not a folder`,
    });
  });

  it('cannot be below a file', async () => {
    await writeFile(path, '');
    await expect(lookAt(join(path, 'x'))).rejects.toMatchObject({
      code: 'state.unreadable',
      message: `cannot read ${path}/x: a part of this path is not a folder`,
    });
  });

  it.each(['770', '707', '777', '720'])(
    'is refused with mode %s: others could put things into it',
    async (mode) => {
      await mkdir(path);
      await chmod(path, Number.parseInt(mode, 8));
      const unsafe = { code: 'state.unsafe', message: `${path} can be written by other users` };
      await expect(lookAt(path)).rejects.toMatchObject(unsafe);
      await expect(new StateFolder(path).folder('a')).rejects.toMatchObject({
        ...unsafe,
        hint: `see what they put there, then: chmod go-w '${path}'`,
      });
      expect(await treeOf(path)).toEqual({});
    },
  );

  it("is refused when it is another user's", async () => {
    // As root a folder of somebody else can be made; without, there is the root of the file system.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) {
      await mkdir(path, { mode: 0o700 });
      await chown(path, 65534, 65534);
    }
    const [other, owner] = isRoot ? [path, 65534] : ['/', 0];
    await expect(lookAt(other)).rejects.toMatchObject({
      code: 'state.unsafe',
      message: `${other} belongs to user ${owner}, and lanacme runs as user ${process.geteuid?.() ?? ''}`,
      hint: `run lanacme as its owner (sudo -u '#${owner}' lanacme …), or choose another folder with --state-dir`,
    });
  });
});
