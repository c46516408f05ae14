/** Who can change what stands at a path: its owner and mode, and those of every folder on the way, also where links lead. */
import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** Why a path is not to be trusted. */
export interface Distrust {
  /** The path itself, or a folder above it. */
  readonly at: string;
  /** A verb phrase: `belongs to user 1000`. */
  readonly problem: string;
}

/**
 * Whether somebody else than root and user `self` could have put there what is there, or could replace it: the file and,
 * with `above`, every folder above it. Nothing if not. Throws what the kernel says of a path that is not there.
 */
export function distrustOf(path: string, self: number, above: boolean): Distrust | undefined {
  const real = realpathSync(path);
  for (const at of above ? [...chainOf(path), ...chainOf(real)] : [real]) {
    const problem = problemOf(lstatSync(at), self, at !== path && at !== real);
    if (problem !== undefined) return { at, problem };
  }
  return undefined;
}

/** The path, and every folder above it. */
function chainOf(path: string): readonly string[] {
  return path === dirname(path) ? [path] : [path, ...chainOf(dirname(path))];
}

/** Of one file or folder that was looked at; nothing if only root and `self` can change it. */
export function problemOf(found: Stats, self: number, isAbove = false): string | undefined {
  if (found.uid !== 0 && found.uid !== self) return `belongs to user ${found.uid}`;
  const others = isClosed(found, isAbove) ? 0 : found.mode & 0o022;
  return others === 0 ? undefined : `can be written by ${others === 0o020 ? 'its group' : 'others'}`;
}

/**
 * The mode of a link says nothing. In a sticky folder (/tmp) nobody can take away or replace what is root's; but in
 * the folder that is asked about anybody could then put a hard link to some file of root.
 */
function isClosed(found: Stats, isAbove: boolean): boolean {
  return found.isSymbolicLink() || (isAbove && found.isDirectory() && (found.mode & 0o1000) !== 0);
}
