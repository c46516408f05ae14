import { readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cached, cacheFolder } from './cache.ts';
import { withTempFolder } from './temp-folder.ts';

test.for([
  ['$XDG_CACHE_HOME', { XDG_CACHE_HOME: '/var/cache/me' }, '/var/cache/me/lanacme-tests'],
  ['~/.cache without it', {}, join(homedir(), '.cache/lanacme-tests')],
  [
    '~/.cache if it is relative, which its specification rules out',
    { XDG_CACHE_HOME: 'here' },
    join(homedir(), '.cache/lanacme-tests'),
  ],
] as const)('the cache is below %s', ([, env, expected]) => {
  expect(cacheFolder(env)).toBe(expected);
});

test('what is there already is not filled again', async () => {
  await withTempFolder(async (XDG_CACHE_HOME) => {
    const fills: string[] = [];
    const fill = async (folder: string): Promise<void> => {
      fills.push(folder);
      await writeFile(join(folder, 'a'), 'content');
    };
    const first = await cached('thing', fill, { XDG_CACHE_HOME });
    expect(await cached('thing', fill, { XDG_CACHE_HOME })).toBe(first);
    expect(fills).toHaveLength(1);
    expect(await readFile(join(first, 'a'), 'utf8')).toBe('content');
  });
});

test('of two that fill at once one wins, the other uses that, and nothing half made is left', async () => {
  await withTempFolder(async (XDG_CACHE_HOME) => {
    let arrived = 0;
    let bothArrived = (): void => {};
    const both = new Promise<void>((resolve) => {
      bothArrived = resolve;
    });
    const fillAs =
      (who: string) =>
      async (folder: string): Promise<void> => {
        await writeFile(join(folder, 'who'), who);
        arrived += 1;
        if (arrived === 2) bothArrived();
        await both;
      };
    const [first, second] = await Promise.all([
      cached('thing', fillAs('one'), { XDG_CACHE_HOME }),
      cached('thing', fillAs('two'), { XDG_CACHE_HOME }),
    ]);
    expect(first).toBe(second);
    expect(['one', 'two']).toContain(await readFile(join(first, 'who'), 'utf8'));
    expect(await readdir(join(XDG_CACHE_HOME, 'lanacme-tests'))).toEqual(['thing']);
  });
});

test('a filling that fails leaves nothing, and the next one tries again', async () => {
  await withTempFolder(async (XDG_CACHE_HOME) => {
    const fails = async (folder: string): Promise<void> => {
      await writeFile(join(folder, 'half'), '');
      throw new Error('cut off');
    };
    await expect(cached('thing', fails, { XDG_CACHE_HOME })).rejects.toThrow('cut off');
    expect(await readdir(join(XDG_CACHE_HOME, 'lanacme-tests'))).toEqual([]);
    await cached(
      'thing',
      async () => {
        await Promise.resolve();
      },
      { XDG_CACHE_HOME },
    );
  });
});
