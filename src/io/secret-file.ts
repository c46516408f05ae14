import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, type Stats } from 'node:fs';
import path from 'node:path';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import { nameOfUser, ownUser } from './own-user.ts';

/** Where the files of an identity may come from. */
export interface FileSource {
  /** `$CREDENTIALS_DIRECTORY`: what systemd's `LoadCredential=` fills. */
  readonly credentialsDirectory?: string;
}

/** Twenty times a system's whole bundle of roots. */
const sizeCap = 4 << 20;

/** A configured path as one of the file system: `credential:NAME` is the file NAME in `$CREDENTIALS_DIRECTORY`. */
function configuredPath(configured: string, { credentialsDirectory }: FileSource): string {
  const prefix = 'credential:';
  if (!configured.startsWith(prefix)) return configured;
  const name = configured.slice(prefix.length);
  if (!/^[A-Za-z0-9._-]+$/.test(name) || name === '.' || name === '..') {
    throw invalid(
      `'${configured.slice(0, 300)}' does not name a credential`,
      'write credential:NAME, with NAME as in LoadCredential=NAME:…',
    );
  }
  if (credentialsDirectory === undefined || credentialsDirectory === '') {
    throw invalid(
      `'${configured}' needs a credentials directory, and $CREDENTIALS_DIRECTORY is not set`,
      `run lanacme as a systemd service with LoadCredential=${name}:/path/to/file, or give the path of the file`,
    );
  }
  return path.join(credentialsDirectory, name);
}

/**
 * Reads a file that anybody may see.
 *
 * @throws LanacmeError `credentials.file-unreadable`.
 */
export async function readPublicFile(configured: string, source: FileSource): Promise<string> {
  return await read(configured, source, () => undefined);
}

/**
 * Reads a file that must be secret: owned by this user or root, closed to group and others. Symbolic links are
 * followed; the file that was opened is judged. systemd's credentials are root-owned with mode 0440 and good too.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `credentials.key-exposed`.
 */
export async function readSecretFile(configured: string, source: FileSource): Promise<string> {
  return await read(configured, source, (file, stats, isCredential) => {
    refuseForeignOwner(file, stats);
    // In the credentials directory the group's bit is systemd's access list for the service's own user.
    refuseExposed(file, stats, isCredential ? 0o037 : 0o077);
  });
}

type Judge = (file: string, stats: Stats, isCredential: boolean) => void;

/** By synchronous calls, as the state folder is read: the files are small, and the thread pool takes longer to start. */
async function read(configured: string, source: FileSource, judge: Judge): Promise<string> {
  const file = configuredPath(configured, source);
  try {
    const real = realpathSync(file);
    const descriptor = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw unreadable(file, 'it is not a regular file');
      judge(file, stats, isInside(real, source.credentialsDirectory));
      if (stats.size > sizeCap) throw unreadable(file, `it is larger than ${sizeCap} bytes`);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof LanacmeError) throw error;
    throw unreadable(
      file,
      error instanceof Error && 'code' in error ? String(error.code) : 'unknown cause',
      error,
    );
  }
}

function isInside(real: string, folder: string | undefined): boolean {
  if (folder === undefined || folder === '') return false;
  return path.dirname(real) === realpathSync(folder);
}

function refuseForeignOwner(file: string, stats: Stats): void {
  const self = process.getuid?.();
  if (stats.uid === 0 || stats.uid === self) return;
  throw exposed(
    `${file} belongs to user id ${stats.uid}, who can read and change it`,
    `make it the property of the user that runs lanacme: chown ${self ?? 'USER'} ${file}`,
  );
}

function refuseExposed(file: string, stats: Stats, forbidden: number): void {
  if ((stats.mode & forbidden) === 0) return;
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  throw exposed(
    `${file} can be read or changed by others than its owner (mode ${mode})`,
    `chmod 600 ${file}; if others may have read it, replace what it holds: it may be all it takes to act as this host`,
  );
}

function exposed(message: string, hint: string): LanacmeError {
  return new LanacmeError('credentials.key-exposed', message, { hint });
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  ELOOP: 'too many symbolic links',
  ENOTDIR: 'a part of its path is not a folder',
};

function unreadable(file: string, why: string, cause?: unknown): LanacmeError {
  const code: ErrorCode = 'credentials.file-unreadable';
  return new LanacmeError(code, `cannot read ${file}: ${words[why] ?? why}`, {
    hint: why === 'EACCES' ? howToLetRead(file) : 'check the path, and what is there',
    cause,
  });
}

/** Who runs lanacme may not be who started it: root becomes the owner of the state folder. */
function howToLetRead(file: string): string {
  const user = ownUser();
  return `lanacme runs as user ${nameOfUser(user)}, who must own the file (chown ${user.uid} ${file}) or be let read it, and be let enter every folder above it`;
}

function invalid(message: string, hint: string): LanacmeError {
  return new LanacmeError('config.invalid-value', message, { hint, outcome: 'usage' });
}
