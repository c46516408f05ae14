/** Our Debian package for the tests that install it: made once for each version, in a folder of this run alone. */
import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDebianPackage } from '../../packaging/debian-package.ts';
import { debianVersion } from '../../packaging/debian-version.ts';

/** For vitest: test files find the folder by the variable `TEST_PACKAGES`, which their processes inherit. */
export default async function keepPackages(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'lanacme-packages-'));
  process.env['TEST_PACKAGES'] = folder;
  return async () => {
    await rm(folder, { recursive: true, force: true });
  };
}

/** The path of the package. Test files come one after the other, so that nobody else is making it. */
export async function packageOf(version: string): Promise<string> {
  const kept = process.env['TEST_PACKAGES'];
  if (kept === undefined) throw new Error('there is a folder for packages only while vitest runs');
  const folder = join(kept, version);
  const path = join(folder, `lanacme_${debianVersion(version)}_all.deb`);
  const isMade = await access(path).then(
    () => true,
    () => false,
  );
  if (isMade) return path;
  const making = await mkdtemp(join(kept, 'making-'));
  await makeDebianPackage(version, making);
  await rename(making, folder);
  return path;
}
