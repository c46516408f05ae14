import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCredentialsFile } from '../../src/io/credentials-file.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const refused = (said: string): object => ({
  code: 'credentials.output-unwritable',
  message: expect.stringContaining(said) as string,
  hint: expect.any(String) as string,
  outcome: 'failed',
});

const clock = { now: () => new Date() };
const asRoot = process.getuid?.() === 0;

async function rewrite(path: string, text: string, keyGroup?: string): Promise<void> {
  const file = await openCredentialsFile({ path, clock, ...(keyGroup === undefined ? {} : { keyGroup }) });
  await file.rewrite(() => text);
}

async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o7777;
}

describe('a file of credentials', () => {
  it('is made for its owner alone, whatever the umask, with nothing beside it', async () => {
    await withTempFolder(async (folder) => {
      const [path, umask] = [join(folder, 'credentials'), process.umask(0)];
      try {
        await rewrite(path, 'secret\n');
      } finally {
        process.umask(umask);
      }
      expect(await readFile(path, 'utf8')).toBe('secret\n');
      expect(await modeOf(path)).toBe(0o600);
      expect(await readdir(folder)).toEqual(['credentials']);
    });
  });

  it('is closed to others again where it was open', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      await writeFile(path, 'old', { mode: 0o644 });
      await rewrite(path, 'new');
      expect(await modeOf(path)).toBe(0o600);
    });
  });

  it('comes back byte for byte where it is not text', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28, 0x0d, 0x0a, 0xf0]);
      await writeFile(path, bytes);
      const file = await openCredentialsFile({ path, clock });
      await file.rewrite((present) => `${present}more`);
      expect(await readFile(path)).toEqual(Buffer.concat([bytes, Buffer.from('more')]));
    });
  });

  it('is read when it is written, not before: credentials may take half a minute to come', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      const file = await openCredentialsFile({ path, clock });
      await writeFile(path, 'meanwhile');
      await file.rewrite((present) => `${present}, then`);
      expect(await readFile(path, 'utf8')).toBe('meanwhile, then');
    });
  });

  it('has what each of many writers at once has put into it', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      const writers = Array.from({ length: 12 }, (_, number) => `[profile-${number}]`);
      await Promise.all(
        writers.map(async (writer) => {
          const file = await openCredentialsFile({ path, clock });
          await file.rewrite((present) => `${present}${writer}\n`);
        }),
      );
      expect((await readFile(path, 'utf8')).trimEnd().split('\n').toSorted()).toEqual(writers.toSorted());
    });
  });

  it('is another file each time: who has the old one open, or a link to it, keeps that', async () => {
    await withTempFolder(async (folder) => {
      const [path, other] = [join(folder, 'credentials'), join(folder, 'hard-link')];
      await writeFile(path, 'old');
      await link(path, other);
      await rewrite(path, 'new');
      expect(await readFile(other, 'utf8')).toBe('old');
    });
  });

  it('is alone again after a run that was killed while it wrote, but not while another may be writing', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      const kept = ['.tmp~0123456789ab~2', '.tmp~mine', 'old'];
      for (const name of ['.tmp~0123456789ab~1', ...kept]) await writeFile(join(folder, name), 'x');
      const hourAgo = new Date(Date.now() - 3_600_000);
      for (const name of ['.tmp~0123456789ab~1', '.tmp~mine', 'old'])
        await utimes(join(folder, name), hourAgo, hourAgo);
      await rewrite(path, 'new');
      expect((await readdir(folder)).toSorted()).toEqual([...kept, 'credentials'].toSorted());
    });
  });

  it('stays as it was if there is nothing to put into it', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      await writeFile(path, 'old');
      const file = await openCredentialsFile({ path, clock });
      const thrown = new Error('no credentials');
      const fails = file.rewrite(() => {
        throw thrown;
      });
      await expect(fails).rejects.toBe(thrown);
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(folder)).toEqual(['credentials']);
    });
  });

  it.runIf(asRoot)('is let read by a group that is named', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      await rewrite(path, 'secret', 'daemon');
      expect(await modeOf(path)).toBe(0o640);
      expect((await lstat(path)).gid).toBe(1);
    });
  });

  it('is of no group that there is not, which is wrong usage', async () => {
    await withTempFolder(async (folder) => {
      const opened = openCredentialsFile({
        path: join(folder, 'credentials'),
        keyGroup: 'no-such-group',
        clock,
      });
      await expect(opened).rejects.toMatchObject({ code: 'config.invalid-value', outcome: 'usage' });
    });
  });
});

describe('no credentials are written', () => {
  it('through a link, also one that came while they were fetched', async () => {
    await withTempFolder(async (folder) => {
      const [path, target] = [join(folder, 'credentials'), join(folder, 'target')];
      const file = await openCredentialsFile({ path, clock });
      await writeFile(target, 'of another');
      await symlink(target, path);
      await expect(file.rewrite(() => 'secret')).rejects.toMatchObject(refused('it is a symbolic link'));
      await expect(openCredentialsFile({ path, clock })).rejects.toMatchObject(
        refused('it is a symbolic link'),
      );
      expect(await readFile(target, 'utf8')).toBe('of another');
    });
  });

  it('in the place of a folder', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      await mkdir(path);
      await expect(openCredentialsFile({ path, clock })).rejects.toMatchObject(
        refused('it is not a regular file'),
      );
    });
  });

  it.each([
    [0o777, 'can be written by others', 'chmod go-w'],
    [0o770, 'can be written by its group', 'chmod go-w'],
    [0o1777, 'can be written by others', 'give the path of a file'],
  ])('into a folder with mode %o, where somebody else could take their place', async (mode, why, hint) => {
    await withTempFolder(async (folder) => {
      await chmod(folder, mode);
      const opened = openCredentialsFile({ path: join(folder, 'credentials'), clock });
      await expect(opened).rejects.toMatchObject({
        ...refused(why),
        hint: expect.stringContaining(hint) as string,
      });
    });
  });

  it('below a folder that others can write in', async () => {
    await withTempFolder(async (folder) => {
      await mkdir(join(folder, 'own'), { mode: 0o700 });
      await chmod(folder, 0o777);
      const opened = openCredentialsFile({ path: join(folder, 'own', 'credentials'), clock });
      await expect(opened).rejects.toMatchObject(refused('can be written by others'));
    });
  });

  it('into a folder that is missing', async () => {
    await withTempFolder(async (folder) => {
      const opened = openCredentialsFile({ path: join(folder, 'none', 'credentials'), clock });
      await expect(opened).rejects.toMatchObject(refused('no such file or folder'));
    });
  });

  it.runIf(asRoot)('in the place of a file of another user, who could not read it any more', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'credentials');
      await writeFile(path, 'theirs');
      await chown(path, 1234, 1234);
      await expect(openCredentialsFile({ path, clock })).rejects.toMatchObject(
        refused('it belongs to user 1234'),
      );
    });
  });
});
