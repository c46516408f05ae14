/**
 * Reading a folder that belongs to another user, as root. That user can swap any file or folder for a link, a pipe or
 * a hard link at any moment: so each step is taken from the descriptor of the folder before it, follows no link, and
 * judges what was opened, not what was looked at earlier.
 */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import type { LanacmeError } from '../errors.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';

/** More than ten times what any file of a version takes. */
const sizeCap = 256 * 1024;
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

export class ForeignFolder {
  readonly #descriptor: number;
  readonly #owner: number;
  /** For messages. */
  readonly path: string;

  private constructor(descriptor: number, path: string, owner: number) {
    this.#descriptor = descriptor;
    this.#owner = owner;
    this.path = path;
  }

  /** Opens the outermost folder, which may be reached by links: whoever owns what they lead to is judged. */
  static open(path: string, owner: number): ForeignFolder {
    return ForeignFolder.#open(path, path, O_RDONLY | O_DIRECTORY, owner);
  }

  /** The folder of this name in it. */
  folder(name: string): ForeignFolder {
    const { at, path } = this.#place(name);
    return ForeignFolder.#open(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, this.#owner);
  }

  /** What the link of this name in it says; nothing if there is none. */
  link(name: string): string | undefined {
    const { at, path } = this.#place(name);
    try {
      return readlinkSync(at);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw errnoOf(error) === 'EINVAL'
        ? planted(path, 'is not a symbolic link')
        : fileFailure(error, 'read', path);
    }
  }

  names(): readonly string[] {
    try {
      return readdirSync(`/proc/self/fd/${this.#descriptor}`).sort();
    } catch (error) {
      throw fileFailure(error, 'read', this.path);
    }
  }

  /** The text of the file of this name in it. */
  text(name: string): string {
    const { at, path } = this.#place(name);
    const descriptor = openHere(at, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    try {
      const found = fstatSync(descriptor);
      requireOwner(found, path, this.#owner);
      if (!found.isFile()) throw planted(path, 'is not a regular file');
      // The same file under another name may be one that the owner must not read.
      if (found.nlink !== 1) throw planted(path, 'has another name as well (a hard link)');
      if (found.size > sizeCap) throw planted(path, `is larger than ${sizeCap} bytes`);
      return read(descriptor, path);
    } finally {
      closeSync(descriptor);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  static #open(at: string, path: string, flags: number, owner: number): ForeignFolder {
    const descriptor = openHere(at, path, flags);
    try {
      requireOwner(fstatSync(descriptor), path, owner);
      return new ForeignFolder(descriptor, path, owner);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** @throws if it could lead elsewhere: the callers make these names, or have checked them. */
  #place(name: string): { readonly at: string; readonly path: string } {
    if (name === '' || name === '.' || name === '..' || name.includes('/')) {
      throw planted(`${this.path}/${name}`, 'is not the name of a file');
    }
    return { at: `/proc/self/fd/${this.#descriptor}/${name}`, path: `${this.path}/${name}` };
  }
}

function openHere(at: string, path: string, flags: number): number {
  try {
    return openSync(at, flags);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ELOOP') throw planted(path, 'is a symbolic link');
    if (code === 'ENOTDIR') throw planted(path, 'is not a folder');
    if (code === 'ENXIO') throw planted(path, 'is not a regular file');
    throw fileFailure(error, 'read', path);
  }
}

/** No more than the cap, even if the file grows meanwhile. */
function read(descriptor: number, path: string): string {
  const bytes = Buffer.alloc(sizeCap);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, bytes, length, sizeCap - length, length);
    if (count === 0) return bytes.toString('utf8', 0, length);
    length += count;
    if (length === sizeCap) throw planted(path, `is larger than ${sizeCap - 1} bytes`);
  }
}

function requireOwner({ uid }: Stats, path: string, owner: number): void {
  if (uid === owner) return;
  throw planted(path, `belongs to user ${uid}, and not to user ${owner}, who owns the state folder`);
}

function planted(path: string, what: string): LanacmeError {
  return unsafeFile(
    path,
    `${what}: root does not touch it`,
    'see who put it there (ls -l), and move it away',
  );
}
