// `npm run build [FOLDER [METAFILE]]`: one bundled, tree-shaken, code-split dist/ that runs without node_modules.
// A timer starts it every hour, mostly for nothing: what such a run loads is what this file is about.
import { execFile } from 'node:child_process';
import { chmod, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** The date of the sources, so that the same sources give the same bytes (https://reproducible-builds.org/specs/source-date-epoch/). */
async function sourceDate() {
  const { SOURCE_DATE_EPOCH: seconds } = process.env;
  if (seconds !== undefined) return new Date(Number(seconds) * 1000);
  try {
    const git = await promisify(execFile)('git', [
      'log',
      '-1',
      '--format=%cI',
      '--',
      'src',
      'package-lock.json',
    ]);
    // A host whose clock is behind the one of whoever committed must be able to run what it builds.
    return new Date(Math.min(Date.parse(git.stdout.trim()), Date.now()));
  } catch {
    // Not a checkout: the sources as they were unpacked.
    return (await stat('package.json')).mtime;
  }
}

/** A build host may be some hours ahead of the hosts that it builds for. */
function dayOf(date) {
  const isDate = !Number.isNaN(date.getTime());
  return isDate ? `${date.toISOString().slice(0, 10)}T00:00:00Z` : '1970-01-01T00:00:00Z';
}

const { PROGRAM_VERSION: version = JSON.parse(await readFile('package.json', 'utf8')).version } = process.env;
const [folder = 'dist', metafile] = process.argv.slice(2);
const builtAt = dayOf(await sourceDate());
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
    // yargs-parser makes itself a require() for files of settings, which lanacme has not: with it would come the machinery
    // of ES modules.
    onResolve({ filter: /^node:module$/ }, ({ path, importer }) =>
      importer.includes('/yargs-parser/') ? { path, namespace: 'no-require' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'no-require' }, () => ({
      contents: 'export const createRequire = undefined;',
    }));
    onLoad({ filter: /^/, namespace: 'main-thread' }, () => ({ contents: 'exports.isMainThread = true;' }));
  },
};

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Names stay: a stack trace is for people.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
  metafile: true,
  define: {
    LANACME_VERSION: JSON.stringify(version),
    LANACME_BUILT_AT: JSON.stringify(builtAt),
  },
};
const chunks = join(folder, 'chunks');

/**
 * 1. What users run: `lanacme.js`. `require` in place of `import()`, since Node's loader of ES modules is a quarter of a
 *    bare start.
 */
const launch = await build({
  ...common,
  entryPoints: { lanacme: 'src/launch.ts' },
  outdir: folder,
  format: 'cjs',
  supported: { 'dynamic-import': false },
  plugins: [
    {
      name: 'the-program',
      setup({ onResolve }) {
        onResolve({ filter: /\/main\.ts$/ }, () => ({ path: './chunks/main.js', external: true }));
      },
    },
  ],
  banner: { js: '#!/usr/bin/env node' },
});

/** Loaded by `import()` so that it is evaluated only then, but small: not worth a file of its own. */
const inMain = ['core/certificate-facts', 'core/certificate-pair', 'core/account-path'].map((name) =>
  resolve('src', `${name}.ts`),
);
/** CommonJS like `main.js`, and loaded by `require` when it asks: pino, which is as large as a third of the rest. */
const besideMain = [resolve('src/io/log-json.ts')];
const chunkOf = (path) => relative('src', path).replace(/\.ts$/, '').replaceAll(/\W/g, '-');
const later = {
  name: 'loaded-later',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      if (kind !== 'dynamic-import' || inMain.includes(file)) return undefined;
      if (besideMain.includes(file)) return { path: `./${chunkOf(file)}.js`, namespace: 'beside-main' };
      return { path: `./${chunkOf(file)}.mjs`, external: true };
    });
    onLoad({ filter: /^/, namespace: 'beside-main' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
    onResolve({ filter: /\.js$/, namespace: 'beside-main' }, ({ path }) => ({ path, external: true }));
  },
};
const mainOptions = {
  ...common,
  outdir: chunks,
  entryNames: 'main',
  format: 'cjs',
  mainFields: ['module', 'main'],
  plugins: [leftOut, later],
  // CommonJS has no such thing; ES modules keep their own.
  define: { ...common.define, 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
};

/** The files that `main.ts` imports, and those that they import. */
function importedBy(inputs, entry) {
  const found = new Set([entry]);
  for (const file of found)
    for (const { kind, path } of inputs[file].imports)
      if (kind === 'import-statement' && path.startsWith('src/')) found.add(path);
  return [...found];
}

/** 2. What every run needs, in one file; the files of it that are wanted later, too, it shares. */
const alone = await build({ ...mainOptions, entryPoints: ['src/main.ts'], write: false });
const inEveryRun = importedBy(alone.metafile.inputs, 'src/main.ts');
const shared = new Set();

/** Every file of ours that some file loads by `import()`. */
async function loadedLater() {
  const sources = await readdir('src', { recursive: true });
  const files = sources.filter((name) => name.endsWith('.ts')).map((name) => resolve('src', name));
  const found = files.map(async (file) => {
    const imports = (await readFile(file, 'utf8')).matchAll(/\bimport\('(\.[^']+)'\)/g);
    return Array.from(imports, ([, path]) => resolve(dirname(file), path));
  });
  const all = new Set((await Promise.all(found)).flat());
  const elsewhere = [resolve('src/main.ts'), ...inMain, ...besideMain];
  return [...all].filter((file) => !elsewhere.includes(file)).toSorted();
}

/** One `LanacmeError` for all: what `main.js` has is not bundled again. */
const ofMain = {
  name: 'of-main',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, resolveDir }) => {
      const file = relative('.', resolve(resolveDir, path));
      if (!inEveryRun.includes(file)) return undefined;
      shared.add(file);
      return { path: file, namespace: 'of-main' };
    });
    onLoad({ filter: /^/, namespace: 'of-main' }, ({ path }) => ({
      contents: `module.exports = lanacmeMain.shared['${path}'];`,
    }));
  },
};

/** 3. What only some runs need: ES modules, whose tree can be shaken, and which share what they have in common. */
const rest = await build({
  ...common,
  entryPoints: (await loadedLater()).map((file) => ({ in: file, out: chunkOf(file) })),
  outdir: chunks,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // ES modules first: the AWS SDK's chunk is a sixth of what its CommonJS build would be.
  mainFields: ['module', 'main'],
  chunkNames: '[name]-[hash]',
  plugins: [leftOut, ofMain],
  banner: {
    js: [
      // Not by `import`: Node would read all of main.js once more, for the names that it exports.
      "const lanacmeMain = process.getBuiltinModule('module').createRequire(import.meta.url)('./main.js');",
      // CommonJS libraries (axios) call require() for Node's own modules; ES modules have none.
      'const require = process.getBuiltinModule;',
    ].join('\n'),
  },
});

/** 4. What some of the runs need that have nothing else to do. */
const beside = await build({
  ...common,
  entryPoints: besideMain.map((file) => ({ in: file, out: chunkOf(file) })),
  outdir: chunks,
  format: 'cjs',
  mainFields: ['module', 'main'],
  plugins: [leftOut, ofMain],
  banner: { js: "const lanacmeMain = require('./main.js');" },
});

/** 5. The process that stays root beside a run that becomes another user: alone in one file. */
const rootPart = await build({
  ...common,
  entryPoints: { 'root-part': 'src/root-part.ts' },
  outdir: chunks,
  format: 'cjs',
  mainFields: ['module', 'main'],
  plugins: [leftOut],
});

const sharedFiles = [...shared].toSorted();
const program = await build({
  ...mainOptions,
  stdin: {
    contents: [
      ...sharedFiles.map((file, index) => `import * as shared${index} from './${file}';`),
      `export const shared = {${sharedFiles.map((file, index) => `'${file}': shared${index}`).join()}};`,
      "import './src/main.ts';",
    ].join('\n'),
    resolveDir: '.',
  },
});

await chmod(join(folder, 'lanacme.js'), 0o755);
// What `lanacme systemd` installs; the Debian package has the same files.
await cp('systemd', join(folder, 'systemd'), { recursive: true });
// Wherever dist/ is copied to, Node takes its files for what they are: .mjs for ES modules, .js for CommonJS.
await writeFile(
  join(folder, 'package.json'),
  `${JSON.stringify({ name: 'lanacme', version, type: 'commonjs' })}\n`,
);
const outputs = Object.assign(
  {},
  ...[launch, program, rest, beside, rootPart].map((built) => built.metafile.outputs),
);
// Which source is in which chunk: for the tests of what a run loads. Not part of the product.
if (metafile !== undefined) await writeFile(metafile, JSON.stringify({ outputs }));

const kilobytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0) / 1000;
console.log(`${relative('.', folder)}/: ${Object.keys(outputs).length} files, ${Math.round(kilobytes)} kB`);
