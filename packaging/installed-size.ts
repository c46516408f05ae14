import { type FileTree, foldersOf } from './file-tree.ts';

/** As dpkg-gencontrol counts it: files rounded up to whole kilobytes of 1024 bytes, one for anything else. */
export function installedKilobytes(tree: FileTree): number {
  const entries = [...tree.values()].filter(({ kind }) => kind !== 'folder');
  const sizes = entries.map((entry) => (entry.kind === 'file' ? Math.ceil(entry.content.length / 1024) : 1));
  return sizes.reduce((sum, size) => sum + size, foldersOf(tree).length);
}
