/**
 * Reading the folder of another ACME client, in most cases as root. What comes from there is used as keys and run as
 * hooks: so nobody but root and this user may be able to change any of it, nor any folder above it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { escapeText } from '../core/escape.ts';
import { LanacmeError } from '../errors.ts';
import type { ClientFile, ClientFolder } from '../ports/import.ts';
import { errnoOf } from './file-failure.ts';
import { distrustOf, problemOf } from './trusted-path.ts';

/** More than ten times what any file of a certificate takes. */
const sizeCap = 256 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/** @throws LanacmeError `import.not-found`, `import.unsafe` */
export function openClientFolder(path: string): ClientFolder {
  const real = realOf(path, path);
  if (real === undefined) {
    const hint = 'name the folder that certbot works with: lanacme import certbot DIR (its --config-dir)';
    throw new LanacmeError('import.not-found', `there is no ${escapeText(path)}`, { hint, outcome: 'usage' });
  }
  requireTrust(path);
  const inside = (name: string): string | undefined => placeInside(path, real, name);
  return {
    path,
    names: (folder) => {
      const place = inside(folder);
      return place === undefined ? undefined : namesIn(place);
    },
    file: (name) => {
      const place = inside(name);
      if (place === undefined) throw unreadable(join(path, name), 'it is not there');
      // Where anybody may put names, the sticky bit or not, they can be those of other files of root.
      for (const at of [join(path, name), place]) requireTrust(dirname(at));
      return read(place);
    },
  };
}

/** Where the path leads; nothing if there is nothing. */
function placeInside(path: string, real: string, name: string): string | undefined {
  const shown = join(path, name);
  const place = realOf(shown, shown);
  if (place === undefined) return undefined;
  if (relative(real, place).startsWith('..')) {
    throw unsafe(shown, `leads out of ${escapeText(path)}`, 'put the file itself there, then import again');
  }
  requireTrust(shown);
  return place;
}

function realOf(path: string, shown: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw failure(shown, error);
  }
}

/** Of the path, what it leads to, and all folders above both. */
function requireTrust(path: string): void {
  const found = distrustOf(path, process.geteuid?.() ?? -1, true);
  if (found === undefined) return;
  const { at, problem } = found;
  const owner = process.geteuid?.() === 0 ? 'root' : '"$USER"';
  const mend = problem.startsWith('belongs') ? `chown -h ${owner}` : 'chmod go-w';
  const hint = `see what they put there, then: ${mend} '${escapeText(at)}'`;
  throw unsafe(at, `${problem}, who could have made up keys and hooks there`, hint);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw failure(folder, error);
  }
}

function read(path: string): ClientFile {
  const descriptor = opened(path);
  try {
    const found = fstatSync(descriptor);
    const flaw = flawOf(found);
    if (flaw !== undefined) throw unreadable(path, flaw);
    return {
      content: readFileSync(descriptor),
      isExecutable: (found.mode & 0o111) !== 0,
      readers: (found.mode & 0o004) !== 0 ? 'everybody' : (found.mode & 0o040) !== 0 ? 'group' : 'nobody',
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Judged again on what was opened. */
function flawOf(found: Stats): string | undefined {
  if (!found.isFile()) return 'it is not a regular file';
  if (found.size > sizeCap) return `it is larger than ${sizeCap} bytes`;
  return problemOf(found, process.geteuid?.() ?? -1);
}

function opened(path: string): number {
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    throw failure(path, error);
  }
}

function failure(path: string, error: unknown): Error {
  const code = errnoOf(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const isDenied = code === 'EACCES' || code === 'EPERM';
  return unreadable(
    path,
    isDenied ? 'permission denied' : code,
    isDenied ? 'run it as root' : undefined,
    error,
  );
}

function unreadable(
  path: string,
  why: string,
  hint = 'see what it is (ls -l)',
  cause?: unknown,
): LanacmeError {
  return new LanacmeError('import.unreadable', `${escapeText(path)} cannot be read: ${why}`, { hint, cause });
}

function unsafe(path: string, what: string, hint: string): LanacmeError {
  return new LanacmeError('import.unsafe', `${escapeText(path)} ${what}`, { hint });
}
