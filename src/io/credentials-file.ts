/** The file of `--output`: it holds keys of AWS, and may be somebody's own with others in it. */
import { constants, lstatSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Permissions } from '../core/file-permissions.ts';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { CredentialsFile } from '../ports/credentials.ts';
import type { Clock } from '../ports.ts';
import { removeOldLeftovers, replaceFile } from './atomic-file.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { flock } from './flock.ts';
import { nameOfUser, ownUser } from './own-user.ts';
import { readersOf } from './readers.ts';
import { readSmallBytes } from './small-file.ts';
import { type Distrust, distrustOf } from './trusted-path.ts';

/**
 * The file at this path, with mode 0600, or 0640 and the group if there is one; made if it is missing. Links are not
 * followed, and neither the file nor a folder above it may be anybody's but root's and this user's: it is looked at now,
 * so that nothing is asked of AWS in vain, and again when it is written.
 *
 * @throws LanacmeError `config.invalid-value` for a group that this user may not give files to;
 * `credentials.output-unwritable`.
 */
export async function openCredentialsFile(output: {
  readonly path: string;
  readonly keyGroup?: string;
  readonly clock: Pick<Clock, 'now'>;
}): Promise<CredentialsFile> {
  const { path, keyGroup, clock } = output;
  const permissions: Permissions =
    keyGroup === undefined ? { mode: 0o600 } : { mode: 0o640, ...(await readersOf({ keyGroup })) };
  read(path);
  return {
    rewrite: async (change) => {
      await alone(dirname(path), async () => {
        const text = change(read(path));
        try {
          await replaceFile(path, Buffer.from(text, 'latin1'), permissions);
          // A run that was killed while it wrote has left credentials there.
          await removeOldLeftovers(dirname(path), new Date(clock.now().getTime() - longestWriteMs));
        } catch (error) {
          throw unwritable(path, error);
        }
      });
    },
  };
}

/**
 * Runs `work` while no other run of lanacme rewrites a file in this folder: of two at once one would lose what the other
 * has written. The folder is what is locked, since the file is another one each time. Who else has opened it could hold
 * that lock, and not every file system has locks: then it is done all the same, after a while.
 */
async function alone(folder: string, work: () => Promise<void>): Promise<void> {
  const { O_RDONLY, O_DIRECTORY } = constants;
  const held = await open(folder, O_RDONLY | O_DIRECTORY).catch(() => undefined);
  try {
    if (held !== undefined) await flock(['-w', '5'], held, new AbortController().signal).catch(() => false);
    await work();
  } finally {
    await held?.close();
  }
}

/** Writing takes milliseconds. */
const longestWriteMs = 10 * 60_000;

function read(path: string): string {
  try {
    const distrust = distrustOf(dirname(path), ownUser().uid, true);
    if (distrust !== undefined) throw inOpenFolder(path, distrust);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there !== undefined) refuseOther(path, there);
    return (
      readSmallBytes(path, (found) => {
        refuseOther(path, found);
      })?.toString('latin1') ?? ''
    );
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The new file would be ours: whoever has the old one could not read it any more. */
function refuseOther(path: string, found: Stats): void {
  if (found.isSymbolicLink()) throw misplaced(path, 'it is a symbolic link');
  if (!found.isFile()) throw misplaced(path, 'it is not a regular file');
  if (found.uid !== ownUser().uid) throw misplaced(path, `it belongs to user ${found.uid}`);
}

/** A folder of its own this user can close: where the umask is 0002, `~/.aws` is open to a group. Never /tmp. */
function inOpenFolder(path: string, { at, problem }: Distrust): LanacmeError {
  const failure = misplaced(path, `the folder ${at} ${problem}`);
  const { uid, mode } = lstatSync(at);
  const isOwn = uid === ownUser().uid && (mode & 0o1000) === 0;
  return isOwn ? failure.withHint(`close it to others: chmod go-w ${at}`) : failure;
}

const code: ErrorCode = 'credentials.output-unwritable';

function misplaced(path: string, why: string): LanacmeError {
  return new LanacmeError(code, `no credentials are written to ${path}: ${why}`, {
    hint: `give the path of a file of user ${nameOfUser(ownUser())} itself, in folders that only this user and root can write in`,
  });
}

/** What helps is another than in the state folder. */
function unwritable(path: string, thrown: unknown): unknown {
  if (thrown instanceof LanacmeError && thrown.code === code) return thrown;
  const failure = fileFailure(thrown, 'write', path);
  if (!(failure instanceof LanacmeError)) return failure;
  return new LanacmeError(code, `the credentials were not written: ${failure.message}`, {
    hint: /^(?:ENOSPC|EDQUOT|EIO|EFBIG|EMFILE|ENFILE)$/.test(errnoOf(failure.cause) ?? '')
      ? failure.hint
      : `make the folder (mkdir -m 700), and let user ${nameOfUser(ownUser())} write in it, or choose another --output`,
    cause: thrown,
  });
}
