/**
 * Writing so that a reader, a crash and a power cut see the old content or the new one, whole. A file has its final
 * mode on its descriptor before its content is written, whatever the umask; the content is on the disk before the
 * name is, and the name before the call returns.
 */
// Not from 'node:fs/promises': Node loads that when `promises` is first used, so a run that only looks goes without.
import { constants, lstatSync, mkdirSync, promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Permissions } from '../core/file-permissions.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';
import { systemRandom } from './random.ts';

/** Replaces a regular file, or makes it. */
export async function replaceFile(
  path: string,
  content: NewFile['content'],
  permissions: number | Permissions,
): Promise<void> {
  await refuseOther(path, 'file');
  await placed(path, async (temporary) => {
    await writeNewFile(
      temporary,
      content,
      typeof permissions === 'number' ? { mode: permissions } : permissions,
    );
    await promises.rename(temporary, path);
  });
}

/** Makes a file that must not be there yet. */
export async function createFile(path: string, content: NewFile['content'], mode: number): Promise<void> {
  await placed(path, async (temporary) => {
    await writeNewFile(temporary, content, { mode });
    // Unlike rename(2), link(2) never replaces.
    await promises.link(temporary, path);
    await promises.rm(temporary);
  });
}

/** Points a symbolic link to `target`, replacing the one that is there. */
export async function replaceLink(path: string, target: string): Promise<void> {
  await refuseOther(path, 'link');
  await placed(path, async (temporary) => {
    await promises.symlink(target, temporary);
    await promises.rename(temporary, path);
  });
}

export interface NewFile extends Permissions {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** Makes a folder with these files in it, or nothing at all. Until it is complete nobody else may enter it. */
export async function createFolder(
  path: string,
  files: readonly NewFile[],
  permissions: Permissions,
): Promise<void> {
  await placed(path, async (temporary) => {
    makeFolder(temporary, closedFolder);
    for (const { name, content, ...others } of files)
      await writeNewFile(join(temporary, name), content, others);
    await syncFolder(temporary, permissions);
    await promises.rename(temporary, path);
  });
}

/** Removes a folder with all that is in it. One that is half removed does not have its name any more. */
export async function removeFolder(path: string): Promise<void> {
  const temporary = newTemporary(dirname(path));
  try {
    await promises.rename(path, temporary);
    await syncFolder(dirname(path));
    await promises.rm(temporary, { recursive: true });
  } catch (error) {
    throw fileFailure(error, 'write', path);
  }
}

/**
 * Removes a file, a link, or a folder with all that is in it; whether there was one. It has its name to the end, so
 * that whoever repeats this finds what is left.
 */
export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await promises.rm(path, { recursive: true });
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw fileFailure(error, 'write', path);
  }
}

/** Writes a file of this size to the disk and removes it: a disk that is full or read-only says so now. */
export async function proveWritable(folder: string, bytes: number): Promise<void> {
  const temporary = newTemporary(folder);
  try {
    await writeNewFile(temporary, '\0'.repeat(bytes), { mode: 0o600 });
    await promises.rm(temporary);
  } catch (error) {
    await removeQuietly(temporary);
    throw fileFailure(error, 'write', folder);
  }
}

/**
 * mkdir(2) takes the umask's bits off the mode; without a umask the folder has its mode from its first moment. Files
 * made meanwhile by another thread are not widened: all of ours are opened with the mode that they keep.
 */
export function makeFolder(path: string, mode: number): void {
  const umask = process.umask(0);
  try {
    mkdirSync(path, { mode });
  } finally {
    process.umask(umask);
  }
}

/** Writes the folder's entries to the disk, and the permissions that it is given with them. */
export async function syncFolder(path: string, permissions?: Permissions): Promise<void> {
  const folder = await promises.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (permissions !== undefined && permissions.mode !== closedFolder) await permit(folder, permissions);
    await folder.sync();
  } catch (error) {
    // Some network and FUSE file systems cannot fsync a folder: they give no more than this.
    if (errnoOf(error) !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}

/** The mode of a folder that nobody else may enter. */
const closedFolder = 0o700;

// Temporary names carry a mark of this process: one with another mark, found under the lock, is of a run that died.
// `~` is in no certificate's name and no journal id.
let ownMark: string | undefined;
const temporaryName = /^\.tmp~([0-9a-f]{12})~[0-9]+$/;
let temporaries = 0;

/** Drawn when it is first needed: most runs write nothing. */
function mark(): string {
  ownMark ??= systemRandom.hex(6);
  return ownMark;
}

function newTemporary(folder: string): string {
  temporaries += 1;
  return join(folder, `.tmp~${mark()}~${temporaries}`);
}

/** Removes what dead runs left half-written in this folder, and nothing else. The caller holds the lock. */
export async function removeLeftovers(folder: string): Promise<void> {
  try {
    for (const name of await promises.readdir(folder)) {
      const found = temporaryName.exec(name);
      if (found !== null && found[1] !== mark())
        await promises.rm(join(folder, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw fileFailure(error, 'write', folder);
  }
}

/**
 * The same in a folder that no lock is for: only what was last written before this instant, by this user, so that nobody
 * is writing it any more.
 */
export async function removeOldLeftovers(folder: string, before: Date): Promise<void> {
  try {
    for (const name of await promises.readdir(folder)) {
      if (!temporaryName.test(name)) continue;
      const found = lstatSync(join(folder, name), { throwIfNoEntry: false });
      const isOurs = found?.isFile() === true && found.uid === process.geteuid?.();
      if (isOurs && found.mtime < before) await promises.rm(join(folder, name), { force: true });
    }
  } catch (error) {
    throw fileFailure(error, 'write', folder);
  }
}

/** Runs `place`, which brings something to `path` by way of a temporary name beside it; then fsyncs the folder. */
async function placed(path: string, place: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  const temporary = newTemporary(folder);
  try {
    await place(temporary);
    await syncFolder(folder);
  } catch (error) {
    await removeQuietly(temporary);
    throw fileFailure(error, 'write', path);
  }
}

/** The failure that led here is the one to tell; a later run removes what could not be removed now. */
async function removeQuietly(temporary: string): Promise<void> {
  try {
    await promises.rm(temporary, { recursive: true, force: true });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

async function writeNewFile(
  path: string,
  content: string | Uint8Array,
  permissions: Permissions,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const { uid, gid, mode } = permissions;
  // Whoever opens a file while it still has our own group reads whatever is written later.
  const first = uid === undefined && gid === undefined ? mode : mode & 0o600;
  const file = await promises.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, first);
  try {
    await permit(file, permissions);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** chown(2) first: it takes bits off the mode. */
async function permit(file: FileHandle, { uid, gid, mode }: Permissions): Promise<void> {
  if (uid !== undefined || gid !== undefined) await file.chown(uid ?? unchanged, gid ?? unchanged);
  await file.chmod(mode);
}

const unchanged = -1;

/** rename(2) would replace anything but a folder. What lanacme did not put there stays there. */
async function refuseOther(path: string, wanted: 'file' | 'link'): Promise<void> {
  try {
    const found = await promises.lstat(path);
    if (wanted === 'file' ? found.isFile() : found.isSymbolicLink()) return;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw fileFailure(error, 'write', path);
  }
  const should = wanted === 'file' ? 'a regular file' : 'a symbolic link';
  throw unsafeFile(
    path,
    `is not ${should}, so it was not made by lanacme`,
    `move ${basename(path)} away, then run lanacme again`,
  );
}
