/** Files of packages of npm's registry, installed nowhere. */
import { join } from 'node:path';
import { run } from '../support/child-process.ts';
import { withTempFolder } from '../support/temp-folder.ts';

/**
 * Unpacks a package into `folder`.
 *
 * @param spec such as `npm@11.6.0`.
 * @param only a path in the package; default: all of it.
 */
export async function unpackFromNpm(spec: string, folder: string, only = ''): Promise<void> {
  await withTempFolder(async (scratch) => {
    // npm compares the archive with the registry's checksum.
    const packed = await run('npm', ['pack', '--silent', '--ignore-scripts', spec], {
      cwd: scratch,
      timeoutMs: 240_000,
    });
    const archive = join(scratch, packed.trim().split('\n').at(-1) ?? '');
    await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1', join('package', only)]);
  }, 'npm');
}
