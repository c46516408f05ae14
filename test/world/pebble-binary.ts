import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached } from '../support/cache.ts';
import { imageOnEngine } from './pebble-container.ts';
import { neededVersion, pebbleIn, unpackPebble } from './pebble-debian-package.ts';

/** The line that gets a Pebble where nothing else does. */
export const howToGetPebble =
  'get it with: GOBIN="$HOME/.local/bin" go install github.com/letsencrypt/pebble/v2/cmd/pebble@latest' +
  ' && export PEBBLE="$HOME/.local/bin/pebble"';

/** The path of a program, or the name of an image that the engine of this machine has. */
export type FoundPebble = { readonly program: string } | { readonly image: string };

export interface PebbleSources {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Debian's package, into a folder. */
  readonly unpack?: (folder: string) => Promise<void>;
  /** The name of an image that a container can be started from. */
  readonly findImage?: () => Promise<string>;
}

/**
 * A Pebble: the one that the variable PEBBLE names, else Debian's package (fetched once and cached), else an image on a
 * Docker engine, else the one on PATH. Whether it is new enough shows when it runs, by what its directory offers.
 */
export async function findPebble({
  env = process.env,
  unpack = unpackPebble,
  findImage = imageOnEngine,
}: PebbleSources = {}): Promise<FoundPebble> {
  const named = env['PEBBLE'] ?? '';
  if (named !== '') {
    if (await isExecutable(named)) return { program: named };
    throw new Error(`PEBBLE is ${named}, which is not a program that can be run; ${howToGetPebble}`);
  }
  const reasons: string[] = [];
  const told =
    (what: string) =>
    (error: unknown): undefined => {
      reasons.push(`${what} (${error instanceof Error ? error.message : String(error)})`);
    };
  const key = `pebble-${neededVersion}-${process.arch}`;
  const folder = await cached(key, unpack, env).catch(told("Debian's package cannot be had"));
  if (folder !== undefined) return { program: pebbleIn(folder) };
  const image = await findImage().catch(told('a container cannot be started'));
  if (image !== undefined) return { image };
  const program = await firstOnPath(env['PATH'] ?? '');
  if (program !== undefined) return { program };
  throw new Error(
    `no Pebble ${neededVersion} or newer: PEBBLE is not set, ${reasons.join(', ')}, none on PATH; ${howToGetPebble}`,
  );
}

async function firstOnPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, 'pebble')))) return join(folder, 'pebble');
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
