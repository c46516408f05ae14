// `npm run build [FOLDER [METAFILE]]`: one bundled, tree-shaken, code-split dist/ that runs without node_modules.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const [folder = 'dist', metafile] = process.argv.slice(2);
await rm(folder, { recursive: true, force: true });

/** What libraries bring along and lanacme never calls: pino's files and worker threads, acme-client's other crypto. */
const unused =
  /^(sonic-boom|thread-stream|on-exit-leak-free|node-forge|\.\/crypto\/forge|(\.\/lib|\.)\/(transport|multistream))$/;
const leftOut = {
  name: 'left-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: unused }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: unused, namespace: 'left-out' }, () => ({ contents: 'module.exports = class {};' }));
    // pino asks whether it is in a worker: Node's module for that would be loaded for the answer alone.
    onResolve({ filter: /^worker_threads$/ }, ({ path, importer }) =>
      importer.includes('/pino/') ? { path, namespace: 'main-thread' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'main-thread' }, () => ({ contents: 'exports.isMainThread = true;' }));
  },
};

const main = resolve('src/main.ts');

/** Every file of ours that some file loads by `import()`. */
async function loadedLater() {
  const sources = await readdir('src', { recursive: true });
  const files = sources.filter((name) => name.endsWith('.ts')).map((name) => resolve('src', name));
  const found = files.map(async (file) => {
    const imports = (await readFile(file, 'utf8')).matchAll(/\bimport\('(\.[^']+)'\)/g);
    return Array.from(imports, ([, path]) => resolve(dirname(file), path));
  });
  return new Set((await Promise.all(found)).flat());
}

/**
 * What is loaded later imports `main.ts`, which is there by then: so esbuild puts all that the two share into the one
 * chunk of `main.ts`, not into ten small ones, each of which a run with nothing to do would have to open.
 */
const oneChunkAtFirst = {
  name: 'one-chunk-at-first',
  async setup({ onLoad }) {
    const later = await loadedLater();
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!later.has(path) || path === main) return undefined;
      return { contents: `${await readFile(path, 'utf8')}\nimport ${JSON.stringify(main)};`, loader: 'ts' };
    });
  },
};

/** The program is where `launch.ts` finds it once both are built. */
const theProgram = {
  name: 'the-program',
  setup({ onResolve }) {
    onResolve({ filter: /\/main\.ts$/ }, () => ({ path: './chunks/main.mjs', external: true }));
  },
};

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Names stay: a stack trace is for people.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
  metafile: true,
  define: { LANACME_VERSION: JSON.stringify(version) },
};

const launch = await build({
  ...common,
  entryPoints: { lanacme: 'src/launch.ts' },
  outdir: folder,
  format: 'cjs',
  plugins: [theProgram],
  banner: { js: '#!/usr/bin/env node' },
});
const program = await build({
  ...common,
  entryPoints: { main: 'src/main.ts' },
  outdir: join(folder, 'chunks'),
  splitting: true,
  treeShaking: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // ES modules first: the AWS SDK's chunk is a sixth of what its CommonJS build would be.
  mainFields: ['module', 'main'],
  chunkNames: '[name]-[hash]',
  legalComments: 'linked',
  plugins: [leftOut, oneChunkAtFirst],
  // CommonJS libraries (pino, axios) call require() for Node's own modules; ES modules have none.
  banner: { js: 'const require = process.getBuiltinModule;' },
});
await chmod(join(folder, 'lanacme.js'), 0o755);
// Wherever dist/ is copied to, Node takes its files for what they are: .mjs for ES modules, .js for CommonJS.
await writeFile(
  join(folder, 'package.json'),
  `${JSON.stringify({ name: 'lanacme', version, type: 'commonjs' })}\n`,
);
const outputs = { ...launch.metafile.outputs, ...program.metafile.outputs };
// Which source is in which chunk: for the tests of what a run loads. Not part of the product.
if (metafile !== undefined) await writeFile(metafile, JSON.stringify({ outputs }));

const kilobytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0) / 1000;
console.log(`${relative('.', folder)}/: ${Object.keys(outputs).length} files, ${Math.round(kilobytes)} kB`);
