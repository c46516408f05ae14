import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { makeFolder, removeLeftovers, syncFolder } from './atomic-file.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';

/** STATE_DIR: whose it has to be, and how folders in it come to be. Reading makes nothing. */
export class StateFolder {
  readonly #path: string;
  #isOurs = false;

  constructor(path: string) {
    this.#path = resolve(path);
  }

  path(relative: string): string {
    return join(this.#path, relative);
  }

  /** Whether there is one. @throws LanacmeError `state.unsafe` if it is another user's, or others may write there. */
  exists(): boolean {
    this.#isOurs ||= isOurs(this.#path);
    return this.#isOurs;
  }

  /** The names in this folder, in order; none if it is missing. */
  entries(relative: string): readonly string[] {
    if (!this.exists()) return [];
    const folder = this.path(relative);
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw fileFailure(error, 'read', folder);
    }
  }

  /** The names of its `.json` files, without that. */
  jsonEntries(relative: string): readonly string[] {
    const names = this.entries(relative);
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
  }

  /** Makes STATE_DIR (0700) if it is missing. Its parent has to be there, except below the user's home. */
  async make(): Promise<void> {
    if (this.exists()) return;
    if (isBelowHome(this.#path)) await makeParents(dirname(this.#path));
    await makeIfMissing(this.#path);
    this.exists();
  }

  /**
   * Makes this folder below STATE_DIR (0700 each) if it is missing, and removes what dead runs left half-written in
   * it. The caller holds the lock.
   */
  async folder(relative: string): Promise<string> {
    await this.make();
    let path = this.#path;
    for (const part of relative.split('/')) {
      path = join(path, part);
      await makeIfMissing(path);
    }
    await removeLeftovers(path);
    return path;
  }

  /** Lets others pass through STATE_DIR and these folders on their way, without a look around (0711). */
  async letThrough(...relative: readonly string[]): Promise<void> {
    for (const path of [this.#path, ...relative.map((folder) => this.path(folder))]) {
      const mode = ifThere(path, statSync)?.mode ?? 0;
      if ((mode & 0o011) !== 0o011) await syncFolder(path, { mode: (mode & 0o7777) | 0o011 });
    }
  }
}

function isOurs(path: string): boolean {
  // Follows a link: systemd makes /var/lib/lanacme one for a unit with a dynamic user.
  const found = ifThere(path, statSync);
  if (found === undefined) return false;
  if (!found.isDirectory())
    throw unsafeFile(path, 'is not a folder', 'choose another folder with --state-dir');
  const self = process.geteuid?.();
  if (found.uid !== self) {
    throw unsafeFile(
      path,
      `belongs to user ${found.uid}, and lanacme runs as user ${self ?? 'unknown'}`,
      `run lanacme as its owner (sudo -u '#${found.uid}' lanacme …), or choose another folder with --state-dir`,
    );
  }
  if ((found.mode & 0o022) !== 0) {
    throw unsafeFile(
      path,
      'can be written by other users',
      `see what they put there, then: chmod go-w '${path}'`,
    );
  }
  return true;
}

/** A daemon's home is often `/`, or nowhere: that says nothing. */
function isBelowHome(path: string): boolean {
  const home = process.env['HOME'] ?? '';
  return isAbsolute(home) && resolve(home) !== '/' && path.startsWith(join(home, '/'));
}

async function makeParents(path: string): Promise<void> {
  if (ifThere(path, statSync) !== undefined) return;
  await makeParents(dirname(path));
  await makeIfMissing(path);
}

async function makeIfMissing(path: string): Promise<void> {
  const found = ifThere(path, lstatSync);
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw unsafeFile(path, 'is not a folder', 'move it away, then run lanacme again');
  try {
    makeFolder(path, 0o700);
    await syncFolder(dirname(path));
  } catch (error) {
    // Another run was faster: the lock is inside this folder.
    if (errnoOf(error) === 'EEXIST') {
      await makeIfMissing(path);
      return;
    }
    throw fileFailure(error, 'write', path);
  }
}

function ifThere(path: string, ask: (path: string) => Stats): Stats | undefined {
  try {
    return ask(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileFailure(error, 'read', path);
  }
}
