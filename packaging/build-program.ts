import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { run } from './run.ts';

/** What `npm run build` makes. */
export interface BuiltProgram {
  /** By path inside `dist/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The libraries that are bundled into it, as `node_modules/NAME`. */
  readonly libraries: readonly string[];
}

/** Builds the program into `folder`, so that a `dist/` in use stays as it is, and reads it. */
export async function buildProgram(version: string, folder: string): Promise<BuiltProgram> {
  const metafile = `${folder}.json`;
  const env = { ...process.env, PROGRAM_VERSION: version };
  await run(process.execPath, ['esbuild.config.mjs', folder, metafile], env);
  return { files: await filesIn(folder), libraries: librariesOf(await readFile(metafile, 'utf8')) };
}

async function filesIn(folder: string): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = paths.map(async (path) => [relative(folder, path), await readFile(path)] as const);
  return new Map(await Promise.all(read));
}

/** esbuild's metafile: which source is in which file. */
interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Inputs }>>;
}
type Inputs = Readonly<Record<string, { readonly bytesInOutput: number }>>;

function librariesOf(metafile: string): string[] {
  const { outputs } = JSON.parse(metafile) as Metafile;
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const sources = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const folders = sources.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(folders)].toSorted();
}
