/**
 * `npm run package [-- --version 1.2.3 --out FOLDER]`: the Debian package, of what `npm run build` makes. The same
 * sources give the same bytes, wherever and by whomever it is built.
 */
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { makeDebianPackage } from './debian-package.ts';

const { values } = parseArgs({
  options: {
    version: { type: 'string', default: packageJson.version },
    out: { type: 'string', default: 'out' },
  },
});
const { path, kilobytes, installedKilobytes } = await makeDebianPackage(values.version, values.out);
console.log(`${path}: ${kilobytes} kB, ${installedKilobytes} kB installed`);
