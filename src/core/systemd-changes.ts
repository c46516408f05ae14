/** What has to be written, or removed, so that the files are as they should be. */
import type { SystemdFile } from './systemd-files.ts';
import { isOurs } from './systemd-marker.ts';

/** What there is at each path; nothing of a path where nothing is. */
export type Found = ReadonlyMap<string, string>;

export type FileState = 'absent' | 'same' | 'outdated' | 'foreign';

export function stateOf({ path, text, isTheirs }: SystemdFile, found: Found): FileState {
  const there = found.get(path);
  if (there === undefined) return 'absent';
  if (there === text || isTheirs === true) return 'same';
  return isOurs(there) ? 'outdated' : 'foreign';
}

/** The paths of files that somebody else wrote: they are never replaced. */
export function foreignFiles(files: readonly SystemdFile[], found: Found): readonly string[] {
  return files.filter((file) => stateOf(file, found) === 'foreign').map(({ path }) => path);
}

/** Whether `uninstall` removes what is at this path. */
export function isRemovable({ path, isTheirs }: SystemdFile, found: Found): boolean {
  const there = found.get(path);
  return there !== undefined && isTheirs !== true && isOurs(there);
}
