import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached } from '../support/cache.ts';
import { neededVersion, pebbleIn, unpackPebble } from './pebble-debian-package.ts';

/** The line that gets a Pebble where nothing else does. */
export const howToGetPebble =
  'get it with: GOBIN="$HOME/.local/bin" go install github.com/letsencrypt/pebble/v2/cmd/pebble@latest' +
  ' && export PEBBLE="$HOME/.local/bin/pebble"';

/**
 * The path of a Pebble: the one that the variable PEBBLE names, else Debian's package (fetched once and cached), else
 * the one on PATH. Whether it is new enough shows when it runs, by what its directory offers.
 */
export async function findPebble(
  env: Readonly<Record<string, string | undefined>> = process.env,
  unpack: (folder: string) => Promise<void> = unpackPebble,
): Promise<string> {
  const named = env['PEBBLE'] ?? '';
  if (named !== '') {
    if (await isExecutable(named)) return named;
    throw new Error(`PEBBLE is ${named}, which is not a program that can be run; ${howToGetPebble}`);
  }
  try {
    return pebbleIn(await cached(`pebble-${neededVersion}-${process.arch}`, unpack, env));
  } catch (error) {
    for (const folder of (env['PATH'] ?? '').split(delimiter)) {
      if (folder !== '' && (await isExecutable(join(folder, 'pebble')))) return join(folder, 'pebble');
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `no Pebble ${neededVersion} or newer: PEBBLE is not set, Debian's package cannot be had (${reason}), ` +
        `none on PATH; ${howToGetPebble}`,
      { cause: error },
    );
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
