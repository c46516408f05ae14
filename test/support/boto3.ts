/** AWS's SDK for Python, as a program of somebody else that asks for credentials. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebian } from '../world/debian-package.ts';
import { cached } from './cache.ts';

/** The container credentials of before 2023 have no file of a token, and know no address but 127.0.0.1. */
const proof = 'import boto3, botocore.credentials as c; c.ContainerProvider.ENV_VAR_AUTH_TOKEN_FILE';

/** All of Python; `six` is of dateutil. */
const packages = ['boto3', 'botocore', 's3transfer', 'jmespath', 'dateutil', 'six', 'urllib3'].map(
  (name) => `python3-${name}`,
);

/**
 * What python3 has to be told to find boto3: nothing if the machine has one that knows today's container credentials,
 * else the path of Debian's packages, fetched once and cached.
 */
export async function boto3Environment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  unpack: (folder: string) => Promise<void> = unpackBoto3,
): Promise<Readonly<Record<string, string>>> {
  if (await proves({ PATH: env['PATH'] })) return {};
  try {
    return { PYTHONPATH: modulesIn(await cached('boto3', unpack, env)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `no boto3: python3 has none that is new enough, Debian's packages cannot be had (${reason}); ` +
        'get it with: apt-get install python3-boto3 (Debian 13 or newer), else: python3 -m pip install boto3',
      { cause: error },
    );
  }
}

async function unpackBoto3(folder: string): Promise<void> {
  await unpackDebian(folder, {
    packages,
    // It is no part of the machine's own release, where that is too old; all of it is Python, so any python3 will do.
    suites: ['trixie', 'forky', 'sid'],
    prove: async (unpacked) => {
      const found = await proves({ PATH: process.env['PATH'], PYTHONPATH: modulesIn(unpacked) });
      if (!found) throw new Error('python3 is not there, or cannot load it');
    },
  });
}

function modulesIn(folder: string): string {
  return join(folder, 'usr/lib/python3/dist-packages');
}

async function proves(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  return await promisify(execFile)('python3', ['-c', proof], { env }).then(
    () => true,
    () => false,
  );
}
