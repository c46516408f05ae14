import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything below a folder: path to mode (`drwx------` as `d 700`, a file as `- 600`) or to a link's target. */
export async function treeOf(folder: string, below = ''): Promise<Readonly<Record<string, string>>> {
  const tree: Record<string, string> = {};
  for (const name of (await readdir(join(folder, below))).sort()) {
    const path = join(below, name);
    const found = await lstat(join(folder, path));
    const mode = (found.mode & 0o7777).toString(8);
    if (found.isSymbolicLink()) tree[path] = `-> ${await readlink(join(folder, path))}`;
    else tree[path] = `${found.isDirectory() ? 'd' : '-'} ${mode}`;
    if (found.isDirectory()) Object.assign(tree, await treeOf(folder, path));
  }
  return tree;
}

/** Runs with a umask and puts the old one back. */
export async function withUmask<T>(umask: number, use: () => Promise<T>): Promise<T> {
  const before = process.umask(umask);
  try {
    return await use();
  } finally {
    process.umask(before);
  }
}
