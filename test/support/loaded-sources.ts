/** What a run of the built program loads: V8 tells which files, esbuild's metafile which sources are in them. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distFolder, type LanacmeOptions, type LanacmeResult, runLanacme } from './run-lanacme.ts';
import { withTempFolder } from './temp-folder.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));

export interface LoadedSources {
  readonly result: LanacmeResult;
  /** Libraries, `@scope/name` or `name`, sorted. */
  readonly libraries: readonly string[];
  /** Our own files, from `src/` on, sorted. */
  readonly sources: readonly string[];
  /** The files of libraries, from `node_modules/` on, sorted. */
  readonly libraryFiles: readonly string[];
}

export async function loadedBy(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  options: Omit<LanacmeOptions, 'env'> = {},
): Promise<LoadedSources> {
  return await withTempFolder(async (folder) => {
    const result = await runLanacme(args, { ...options, env: { ...env, NODE_V8_COVERAGE: folder } });
    const inputs = await inputsOf(await scriptsIn(folder));
    const libraries = inputs.flatMap((input) => libraryOf(input) ?? []);
    const sources = inputs.filter((input) => input.startsWith('src/'));
    const libraryFiles = inputs.filter((input) => input.startsWith('node_modules/'));
    return {
      result,
      libraries: sortedSet(libraries),
      sources: sortedSet(sources),
      libraryFiles: sortedSet(libraryFiles),
    };
  }, 'coverage');
}

/** The files of dist/ in a coverage report, as esbuild names them: relative to the top. */
async function scriptsIn(folder: string): Promise<readonly string[]> {
  const reports = await Promise.all(
    (await readdir(folder)).map(async (file) => {
      const report = JSON.parse(await readFile(join(folder, file), 'utf8')) as CoverageReport;
      return report.result.map(({ url }) => url);
    }),
  );
  const scripts = reports
    .flat()
    .filter((url) => url.startsWith('file:'))
    .map((url) => fileURLToPath(url))
    .filter((path) => path.startsWith(distFolder))
    .map((path) => relative(top, path));
  if (scripts.length === 0) throw new Error('the coverage report has no file of dist/');
  return scripts;
}

async function inputsOf(scripts: readonly string[]): Promise<readonly string[]> {
  const metafile = join(distFolder, '../metafile.json');
  const { outputs } = JSON.parse(await readFile(metafile, 'utf8')) as Metafile;
  return scripts.flatMap((script) => {
    const output = outputs[script];
    if (output === undefined) throw new Error(`${script} is of another build`);
    return Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([input]) => input);
  });
}

/** The innermost: a library's own library has its own name. */
function libraryOf(input: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

function sortedSet(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}

interface CoverageReport {
  readonly result: readonly { readonly url: string }[];
}

interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}
