import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a program of this folder for tests that start it often: it then starts as fast as Node itself. */
export async function bundleProgram(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  const source = join(import.meta.dirname, `${name}.ts`);
  const options = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const;
  await build({ entryPoints: [source], outfile, ...options });
  return outfile;
}
