/** Files with everything that a package says of them, before they are on any disk. */
import { chmod, lutimes, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type Entry =
  | { readonly kind: 'file'; readonly content: Uint8Array; readonly mode: number }
  | { readonly kind: 'folder'; readonly mode: number }
  | { readonly kind: 'link'; readonly target: string };

/** By path, without a leading slash. Folders stand in it only if they are special. */
export type FileTree = ReadonlyMap<string, Entry>;

export function file(content: string | Uint8Array, mode = 0o644): Entry {
  return { kind: 'file', content: Buffer.from(content), mode };
}

export function folder(mode: number): Entry {
  return { kind: 'folder', mode };
}

/** The folders of a tree, those above its entries included; a folder comes before what is in it. */
export function foldersOf(tree: FileTree): readonly string[] {
  const found = new Set<string>();
  for (const [path, { kind }] of tree) {
    if (kind === 'folder') found.add(path);
    for (let above = dirname(path); above !== '.'; above = dirname(above)) found.add(above);
  }
  return [...found].toSorted();
}

/** Writes a tree into a new folder: modes whatever the umask says, and one date for all. */
export async function writeTree(tree: FileTree, root: string, date: Date): Promise<void> {
  const folders = ['', ...foldersOf(tree)];
  for (const path of folders) await makeFolder(join(root, path), tree.get(path));
  for (const [path, entry] of tree) await writeEntry(join(root, path), entry);
  // Deepest first: to write into a folder changes its date.
  for (const path of [...tree.keys(), ...folders.toReversed()]) await lutimes(join(root, path), date, date);
}

async function makeFolder(path: string, entry: Entry | undefined): Promise<void> {
  await mkdir(path);
  await chmod(path, entry?.kind === 'folder' ? entry.mode : 0o755);
}

async function writeEntry(path: string, entry: Entry): Promise<void> {
  if (entry.kind === 'link') await symlink(entry.target, path);
  if (entry.kind !== 'file') return;
  await writeFile(path, entry.content);
  await chmod(path, entry.mode);
}
