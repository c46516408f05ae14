// `npm run build [FOLDER [METAFILE]]`: one bundled, tree-shaken, code-split dist/ that runs without node_modules.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const [folder = 'dist', metafile] = process.argv.slice(2);
await rm(folder, { recursive: true, force: true });

/** What libraries bring along and lanacme never calls: pino's files and worker threads, acme-client's other crypto. */
const leftOut = {
  name: 'left-out',
  setup({ onResolve, onLoad }) {
    const filter = /^(sonic-boom|thread-stream|node-forge|\.\/crypto\/forge)$/;
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter, namespace: 'left-out' }, () => ({ contents: 'module.exports = class {};' }));
  },
};

const result = await build({
  entryPoints: { lanacme: 'src/main.ts' },
  outdir: folder,
  bundle: true,
  splitting: true,
  treeShaking: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // ES modules first: the AWS SDK's chunk is a sixth of what its CommonJS build would be.
  mainFields: ['module', 'main'],
  chunkNames: 'chunks/[name]-[hash]',
  legalComments: 'linked',
  plugins: [leftOut],
  metafile: true,
  logLevel: 'warning',
  define: { LANACME_VERSION: JSON.stringify(version) },
  banner: {
    // CommonJS libraries (pino, axios) call require() for Node's own modules; ES modules have none. Made when it is
    // called: `import.meta` and a `require` for each chunk are a tenth of the start-up.
    js: "#!/usr/bin/env node\nimport { createRequire as lanacmeCreateRequire } from 'node:module'; const require = (id) => lanacmeCreateRequire(import.meta.url)(id);",
  },
});
await chmod(join(folder, 'lanacme.js'), 0o755);
// Wherever dist/ is copied to, Node takes its files for the ES modules that they are.
await writeFile(
  join(folder, 'package.json'),
  `${JSON.stringify({ name: 'lanacme', version, type: 'module' })}\n`,
);
// Which source is in which chunk: for the tests of what a run loads. Not part of the product.
if (metafile !== undefined) await writeFile(metafile, JSON.stringify(result.metafile));

const kilobytes =
  Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0) / 1000;
console.log(
  `${relative('.', folder)}/: ${Object.keys(result.metafile.outputs).length} files, ${Math.round(kilobytes)} kB`,
);
