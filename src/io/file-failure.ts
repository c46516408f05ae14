import { LanacmeError } from '../errors.ts';

const otherFolder = 'or choose another folder with --state-dir';
// Root becomes the owner of the state folder, and may not use there what root has left.
const ownFiles = `everything there must belong to the owner of the state folder (see ls -l, then chown), ${otherFolder}`;

/** What the kernel's answer means, and what helps. */
const meanings: Readonly<Record<string, readonly [said: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'free some space on that disk, then run lanacme again'],
  EDQUOT: ['the disk quota is used up', 'free some space or raise the quota, then run lanacme again'],
  EROFS: ['the file system is read-only', `mount it read-write, ${otherFolder}`],
  EACCES: ['permission denied', ownFiles],
  EPERM: ['not permitted', ownFiles],
  ENOENT: ['no such file or folder', `make the folder that should hold it, ${otherFolder}`],
  EEXIST: ['it is there already', 'look who made it; if nothing uses it, move it away'],
  ENOTDIR: ['a part of this path is not a folder', `look at each part of the path, ${otherFolder}`],
  EISDIR: ['it is a folder, not a file', 'move it away, then run lanacme again'],
  ENAMETOOLONG: [
    'the name is too long for this file system',
    'give the certificate a shorter name with --name',
  ],
  EFBIG: ['the file may not grow that far', 'raise the file size limit of this process (ulimit -f)'],
  EIO: ['the disk reports an error', 'look for disk errors in the kernel log (dmesg)'],
  EMFILE: ['too many open files', 'raise the limit of open files (ulimit -n)'],
  ENFILE: ['too many open files on this host', 'close some programs, then run lanacme again'],
};

/** What the kernel refused, as a failure that names the path. What is not the kernel's answer is a bug and stays. */
export function fileFailure(thrown: unknown, doing: 'read' | 'write', path: string): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  if (thrown instanceof LanacmeError || !('syscall' in thrown)) return thrown;
  const code = errnoOf(thrown) ?? '';
  const [said, hint] = meanings[code] ?? [thrown.message, `look into the cause, ${otherFolder}`];
  return new LanacmeError(
    doing === 'read' ? 'state.unreadable' : 'state.unwritable',
    `cannot ${doing} ${path}: ${said}`,
    {
      hint,
      cause: thrown,
    },
  );
}

/** `ENOENT` and its like, if the kernel said something of this kind. */
export function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** Something else than what lanacme put there: it is left as it is. */
export function unsafeFile(path: string, what: string, hint: string, cause?: unknown): LanacmeError {
  return new LanacmeError('state.unsafe', `${path} ${what}`, { hint, cause });
}
