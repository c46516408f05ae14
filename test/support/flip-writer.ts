/**
 * Installs one known pair after the other for ever, and says so after each: FOLDER PAIRS.json. Versions older than the
 * last few are removed, to spare the disk. Run, and killed, by the tests of the flip.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificateName } from '../../src/core/names.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import type { KnownPairs } from './known-pairs.ts';

const [stateDir = '', pairsFile = ''] = process.argv.slice(2);
const keptVersions = 30;
const name = parseCertificateName('lan.example');
const archive = join(stateDir, 'archive', name);
const pairs = JSON.parse(await readFile(pairsFile, 'utf8')) as KnownPairs;
const store = new FileCertificateStore(stateDir);

const present = (await readdir(archive)).filter((version) => /^\d+$/.test(version)).sort();
for (;;) {
  for (const files of pairs) {
    const { version } = await store.install(name, files, { combined: true });
    present.push(version);
    for (const old of present.splice(0, present.length - keptVersions)) {
      await rm(join(archive, old), { recursive: true });
    }
    process.stdout.write(`${version}\n`);
  }
}
