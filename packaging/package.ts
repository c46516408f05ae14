/**
 * `npm run package [-- --version 1.2.3 --out FOLDER]`: the Debian package, of what `npm run build` makes, and the one for
 * npm. The same sources give the same bytes, wherever and by whomever they are built. With a version of its own, for
 * tests of an upgrade, the Debian package alone.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { makeDebianPackage } from './debian-package.ts';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: packageJson.version },
    out: { type: 'string', default: 'out' },
  },
});
const { path, kilobytes, installedKilobytes } = await makeDebianPackage(values.version, values.out);
console.log(`${path}: ${kilobytes} kB, ${installedKilobytes} kB installed`);

if (values.version === packageJson.version) {
  // The checkout lets npm run no script of anybody; here it is our own, `prepack`.
  const pack = ['pack', '--ignore-scripts=false', '--silent', '--pack-destination', values.out];
  const name = (await run('npm', pack)).trim().split('\n').at(-1) ?? '';
  console.log(join(values.out, name));
}
