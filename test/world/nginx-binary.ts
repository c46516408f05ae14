import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../support/cache.ts';
import { run } from '../support/child-process.ts';
import { unpackDebian } from './debian-package.ts';

/** Where Debian's package installs it. */
const installed = '/usr/sbin/nginx';

/**
 * The path of an nginx: the one that the variable NGINX names, else the installed one, else Debian's package for this
 * machine's release, fetched once and cached.
 */
export async function findNginx(
  env: Readonly<Record<string, string | undefined>> = process.env,
  unpack: (folder: string) => Promise<void> = unpackNginx,
): Promise<string> {
  const named = env['NGINX'] ?? '';
  if (named !== '') {
    if (await isExecutable(named)) return named;
    throw new Error(`NGINX is ${named}, which is not a program that can be run`);
  }
  if (await isExecutable(installed)) return installed;
  try {
    return join(await cached(`nginx-${process.arch}`, unpack, env), installed);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `no nginx: NGINX is not set, ${installed} is not there, Debian's package cannot be had (${reason}); ` +
        'get it with: apt-get install nginx',
      { cause: error },
    );
  }
}

async function unpackNginx(folder: string): Promise<void> {
  await unpackDebian(folder, {
    packages: ['nginx'],
    prove: async (unpacked) => {
      await run(join(unpacked, installed), ['-v']);
    },
  });
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
