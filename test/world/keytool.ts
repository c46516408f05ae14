/** Java's keytool: what servers in Java read a PKCS#12 file with. */
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cached } from '../support/cache.ts';
import { run } from '../support/child-process.ts';
import { unpackDebian } from './debian-package.ts';

/** Of Debian 12, 13 and what comes next: each release has one of them. */
const runtimes = [17, 21, 25].map((version) => `openjdk-${version}-jre-headless`);

type Environment = Readonly<Record<string, string | undefined>>;

/** The one that the variable KEYTOOL names, else the one on PATH, else Debian's (fetched once and cached). */
export async function findKeytool(env: Environment = process.env): Promise<string> {
  const onPath = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'keytool'));
  for (const path of [env['KEYTOOL'] ?? '', ...onPath]) {
    if (path !== '' && (await isExecutable(path))) return path;
  }
  const reasons: string[] = [];
  for (const runtime of runtimes) {
    try {
      return await keytoolIn(await cached(`${runtime}-${process.arch}`, unpackerOf(runtime), env));
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `no keytool: KEYTOOL is not set, none on PATH, Debian's package cannot be had (${reasons.join('; ')}); ` +
      'get it with: apt-get install default-jre-headless',
  );
}

function unpackerOf(runtime: string): (folder: string) => Promise<void> {
  return async (folder) => {
    await unpackDebian(folder, {
      packages: [runtime],
      prove: async () => {
        await run(await keytoolIn(folder), ['-help']);
      },
    });
  };
}

async function keytoolIn(folder: string): Promise<string> {
  const machines = join(folder, 'usr/lib/jvm');
  for (const machine of await readdir(machines)) {
    const path = join(machines, machine, 'bin/keytool');
    if (await isExecutable(path)) return path;
  }
  throw new Error(`no keytool in ${machines}`);
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
