import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeMetricsFile } from '../../src/io/metrics-file.ts';
import { withTempFolder } from '../support/temp-folder.ts';

const failure = (said: string): object => ({
  code: 'metrics.unwritable',
  message: expect.stringContaining(said) as string,
  hint: expect.stringMatching(/ReadWritePaths=.*--metrics-file/) as string,
  outcome: 'failed',
});

describe('the metrics file', () => {
  it('is whole, for all to read, and nothing else is left in its folder', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'lanacme.prom');
      await makeMetricsFile(path).write('first 1\n');
      await makeMetricsFile(path).write('second 2\n');
      expect(await readFile(path, 'utf8')).toBe('second 2\n');
      expect((await lstat(path)).mode & 0o777).toBe(0o644);
      expect(await readdir(folder)).toEqual(['lanacme.prom']);
    });
  });

  it('is another file each time: who has the old one open reads that to its end', async () => {
    await withTempFolder(async (folder) => {
      const path = join(folder, 'lanacme.prom');
      await makeMetricsFile(path).write('first 1\n');
      const { ino } = await lstat(path);
      await makeMetricsFile(path).write('second 2\n');
      expect((await lstat(path)).ino).not.toBe(ino);
    });
  });

  it('in a folder that is missing is a failure that names it, and says what helps', async () => {
    await withTempFolder(async (folder) => {
      const written = makeMetricsFile(join(folder, 'none', 'lanacme.prom')).write('x 1\n');
      await expect(written).rejects.toMatchObject(failure('no such file or folder'));
    });
  });

  it.skipIf(process.getuid?.() === 0)('in a folder that may not be written is a failure, too', async () => {
    await withTempFolder(async (folder) => {
      const closed = join(folder, 'closed');
      await mkdir(closed);
      await chmod(closed, 0o500);
      const written = makeMetricsFile(join(closed, 'lanacme.prom')).write('x 1\n');
      await expect(written).rejects.toMatchObject(failure('permission denied'));
    });
  });

  it('does not take the place of a link, and nothing is written through one', async () => {
    await withTempFolder(async (folder) => {
      const [path, target] = [join(folder, 'lanacme.prom'), join(folder, 'target')];
      await writeFile(target, 'of another');
      await symlink(target, path);
      await expect(makeMetricsFile(path).write('x 1\n')).rejects.toMatchObject(
        failure('is not a regular file'),
      );
      expect(await readFile(target, 'utf8')).toBe('of another');
    });
  });
});
