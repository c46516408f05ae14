// ESLint over the files that may have a new finding since it last found nothing in them: those that changed, or that
// import, however far off, one that changed. Rules that know types look into other files, so ESLint's own cache, which
// compares one file at a time, would miss a promise that a change elsewhere has made a forgotten one.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

// One program for the whole run, and not one that watches for changes.
process.env.TSESTREE_SINGLE_RUN = 'true';

const remembered = 'node_modules/.cache/check/lint.json';
/** What a finding in any file may depend on. */
const rulesOfAll = ['package-lock.json', 'tsconfig.json', 'test/tsconfig.json', 'eslint.config.mjs'];

const lintable = /\.(ts|mjs)$/;
const inFolders = await Promise.all(
  ['src', 'test', 'packaging'].map(async (folder) =>
    (await readdir(folder, { recursive: true })).map((name) => join(folder, name)),
  ),
);
const files = [...(await readdir('.')), ...inFolders.flat()].filter((name) => lintable.test(name)).sort();
const texts = new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')])));

const everywhere = createHash('sha256').update(process.version);
for (const file of rulesOfAll) everywhere.update(await readFile(file));
for (const file of files.filter((name) => name.endsWith('.d.ts'))) everywhere.update(texts.get(file));
const base = [
  everywhere.digest('hex'),
  ...importsOf('eslint.config.mjs').map((file) => texts.get(file)),
].join();

const digests = new Map(files.map((file) => [file, digestOf(file)]));
const before = new Map(Object.entries(await readRemembered()));
const doubtful = files.filter((file) => before.get(file)?.digest !== digests.get(file));
const found = new Map(doubtful.length === 0 ? [] : (await lint(doubtful)).map(judged));

// A file with errors is looked at again next time, whatever happens to it.
const passed = files.flatMap((file) => {
  const { errors, warnings } = found.get(file) ?? { errors: [], warnings: before.get(file)?.warnings ?? [] };
  return errors.length > 0 ? [] : [[file, { digest: digests.get(file), warnings }]];
});
await mkdir(dirname(remembered), { recursive: true });
await writeFile(remembered, JSON.stringify(Object.fromEntries(passed)));

const errors = [...found.values()].flatMap((result) => result.errors);
const warnings = passed.flatMap(([, result]) => result.warnings);
if (errors.length > 0) console.log(errors.join('\n'));
else console.log(`${doubtful.length} of ${files.length} files`);
if (warnings.length > 0) console.log(`look again at:\n  ${warnings.join('\n  ')}`);
process.exitCode = errors.length > 0 ? 1 : 0;

async function lint(paths) {
  const { ESLint } = await import('eslint');
  return await new ESLint({ warnIgnored: false }).lintFiles(paths);
}

function judged({ filePath, messages }) {
  const file = relative('.', filePath);
  const of = (severity) =>
    messages.filter((message) => message.severity === severity).map((message) => say(file, message));
  return [file, { errors: of(2), warnings: of(1) }];
}

function say(file, { line, column, message, ruleId }) {
  return `${file}:${line ?? 0}:${column ?? 0} ${message.replaceAll('\n', ' ')} [${ruleId ?? 'eslint'}]`;
}

/** Our own files that a file imports, directly or through others. */
function importsOf(file) {
  const reached = new Set();
  const visit = (path) => {
    if (reached.has(path) || !texts.has(path)) return;
    reached.add(path);
    for (const [, target] of texts.get(path).matchAll(/['"](\.{1,2}\/[^'"\n]+\.(?:ts|mjs))['"]/g)) {
      visit(join(dirname(path), target));
    }
  };
  visit(file);
  return [...reached].sort();
}

function digestOf(file) {
  const hash = createHash('sha256').update(base);
  for (const path of importsOf(file)) hash.update(`\0${path}\0`).update(texts.get(path));
  return hash.digest('hex');
}

async function readRemembered() {
  try {
    return JSON.parse(await readFile(remembered, 'utf8'));
  } catch {
    return {};
  }
}
