/** The package as it is on disk once it is unpacked, for tests that need no running system. */
import { join } from 'node:path';
import { run } from '../support/child-process.ts';

/** Unpacks a package and returns its files and links, without a leading slash, sorted. */
export async function unpack(deb: string, folder: string): Promise<readonly string[]> {
  await run('dpkg-deb', ['--extract', deb, folder]);
  const found = await run('find', [folder, '-not', '-type', 'd', '-printf', '%P\n']);
  return found.trimEnd().split('\n').toSorted();
}

/** What `man` has to say about a page; empty if nothing. It wants one who reads UTF-8. */
export async function complaintsOfMan(folder: string, page: string): Promise<string> {
  const path = join(folder, 'usr/share/man/man1', page);
  const script = 'man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null';
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANROFFSEQ: '', MANWIDTH: '80' };
  return await run('sh', ['-c', script, 'sh', path], { env });
}
