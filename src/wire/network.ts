/** What every HTTP client of lanacme is made with. */
import type { NetworkConfig } from '../config/config.ts';

export function proxyOf({
  httpsProxy,
  noProxy,
}: NetworkConfig): Pick<NetworkConfig, 'httpsProxy' | 'noProxy'> {
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** Roots to trust beside Node's, from a PEM file that `setting` names. */
export async function extraRoots(
  file: string | undefined,
  setting: string,
  network: NetworkConfig,
): Promise<{ extraRoots?: readonly string[] }> {
  if (file === undefined) return {};
  const { readRoots } = await import('../io/roots-file.ts');
  return { extraRoots: await readRoots(file, setting, network) };
}
