/**
 * Builds the program for the tests that run it, into a folder of this run alone: somebody who builds or edits meanwhile
 * does not change what is tested.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './child-process.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));

/** The tests find the program by the variable `TEST_PROGRAM`, which their processes inherit. */
export default async function buildOnce(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'lanacme-build-'));
  const build = [join(top, 'esbuild.config.mjs'), join(folder, 'dist'), join(folder, 'metafile.json')];
  await run(process.execPath, build, { cwd: top });
  process.env['TEST_PROGRAM'] = join(folder, 'dist', 'lanacme.js');
  return async () => {
    await rm(folder, { recursive: true, force: true });
  };
}
