/** Pebble from a newer Debian than the machine's. */
import { join } from 'node:path';
import { run } from '../support/child-process.ts';
import { unpackDebian } from './debian-package.ts';

/** The first Pebble with everything that the tests need: ARI, profiles, `alreadyReplaced`, TXT over TCP. */
export const neededVersion = '2.10';

/** Unpacks Debian's package of Pebble into `folder`; returns nothing unless the program in it runs. */
export async function unpackPebble(folder: string): Promise<void> {
  await unpackDebian(folder, {
    packages: ['pebble'],
    // Oldest first: the release that has it, then the suite that always has the newest.
    suites: ['forky', 'sid'],
    judge: requireNeededVersion,
    prove: async () => {
      await run(pebbleIn(folder), ['-version']);
    },
  });
}

async function requireNeededVersion(deb: string): Promise<void> {
  const version = (await run('dpkg-deb', ['-f', deb, 'Version'])).trim();
  await run('dpkg', ['--compare-versions', version, 'ge', neededVersion]).catch((cause: unknown) => {
    throw new Error(`has Pebble ${version}, not ${neededVersion} or newer`, { cause });
  });
}

/** The program in a folder that `unpackPebble` has filled. */
export function pebbleIn(folder: string): string {
  return join(folder, 'usr/bin/pebble');
}
