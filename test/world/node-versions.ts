/** Other versions of Node than the one that runs the tests, from npm's packages of Node's own binaries. */
import { join } from 'node:path';
import { cached } from '../support/cache.ts';
import { run } from '../support/child-process.ts';
import { unpackFromNpm } from './npm-package.ts';

/** The oldest that lanacme runs on, and one of each later line; all to be had for x64 and arm64. */
export const nodeVersions = ['20.19.0', '22.23.3', '24.21.0', '26.10.0'] as const;
export type NodeVersion = (typeof nodeVersions)[number];

export interface NodeSource {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** As in `process.platform` and `process.arch`. */
  readonly platform?: string;
  /** Puts `bin/node` of a package into a folder. */
  readonly unpack?: (spec: string, folder: string) => Promise<void>;
}

/** The path of a Node of exactly this version, fetched once and cached. */
export async function nodeBinary(version: NodeVersion, source: NodeSource = {}): Promise<string> {
  const { env, platform = `${process.platform}-${process.arch}`, unpack = unpackBinary } = source;
  const spec = `node-${platform}@${version}`;
  try {
    if (!['linux-x64', 'linux-arm64'].includes(platform)) throw new Error(`not known for ${platform}`);
    const fill = async (folder: string): Promise<void> => {
      await unpack(spec, folder);
      const said = (await run(nodeIn(folder), ['--version'])).trim();
      if (said !== `v${version}`) throw new Error(`it says that it is ${said}`);
    };
    return nodeIn(await cached(spec.replace('@', '-'), fill, env));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot bring Node ${version} (${reason}); npm pack ${spec} has to work once here`, {
      cause: error,
    });
  }
}

async function unpackBinary(spec: string, folder: string): Promise<void> {
  await unpackFromNpm(spec, folder, 'bin/node');
}

function nodeIn(folder: string): string {
  return join(folder, 'bin/node');
}
