/** Builds dist/ before tests that run the program, unless it is newer than everything that it is made from. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './child-process.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));

/** What the bundle is made from, libraries included. */
const sources = ['src', 'esbuild.config.mjs', 'package.json', 'package-lock.json'];

export default async function buildOnce(): Promise<void> {
  const built = await changedAt(join(top, 'dist/lanacme.js'));
  const changes = await Promise.all(sources.map(async (source) => await lastChange(join(top, source))));
  if (built > Math.max(...changes)) return;
  await run(process.execPath, [join(top, 'esbuild.config.mjs')], { cwd: top });
}

/** When something in a file or folder was last changed, added or taken away. */
async function lastChange(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch(() => []);
  const times = await Promise.all(['.', ...names].map(async (name) => await changedAt(join(path, name))));
  return Math.max(...times);
}

async function changedAt(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
