/** What `npm pack` packs and the image holds: `dist/` as `npm run build` makes it, with the licences of what is in it. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { buildProgram } from './build-program.ts';
import { copyrightText } from './copyright.ts';
import { top } from './run.ts';

const work = await mkdtemp(join(tmpdir(), 'lanacme-npm-'));
try {
  const built = join(work, 'dist');
  const { libraries } = await buildProgram(packageJson.version, built);
  await writeFile(join(built, 'LICENSES.txt'), await copyrightText(libraries, 'LICENSE, beside dist/'));
  const dist = join(top, 'dist');
  await rm(dist, { recursive: true, force: true });
  await cp(built, dist, { recursive: true });
} finally {
  await rm(work, { recursive: true, force: true });
}
