/** For tests of what only root can arrange. They say so when they are left out. */
import { chmod, chown, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distFolder } from './run-lanacme.ts';

/** Numbers that no user has: what a container or a restored backup looks like. */
export const [owner, stranger] = [65_011, 65_012];

/** Whether this is root; if not, what of `file` (an `import.meta.url`) is left out is told. */
export function isRoot(file: string): boolean {
  if (process.getuid?.() === 0) return true;
  process.stderr.write(`${fileURLToPath(file)} tries what only root can do: run it with sudo\n`);
  return false;
}

/** A copy of the program where every user can run it: the checkout may lie where only root can go. */
export async function programForAll(folder: string): Promise<string> {
  await chmod(folder, 0o711);
  await cp(distFolder, join(folder, 'dist'), { recursive: true });
  return join(folder, 'dist', 'lanacme.js');
}

/** A state folder of the owner, and their key. */
export async function giveToOwner(host: {
  readonly stateDir: string;
  readonly keyFile: string;
}): Promise<void> {
  await mkdir(host.stateDir, { mode: 0o700, recursive: true });
  for (const path of [host.stateDir, host.keyFile]) await chown(path, owner, owner);
}
