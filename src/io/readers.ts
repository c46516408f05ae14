/** The user and the group that a certificate's files are for, by the names that the person wrote. */
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { closedFolders, type FolderOnTheWay, type Readers } from '../core/file-permissions.ts';
import type { InstallTerms } from '../core/install-terms.ts';
import { idOf, isAccountName } from '../core/user-database.ts';
import { LanacmeError } from '../errors.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { nameOfUser, ownUser } from './own-user.ts';
import { inUserDatabase } from './user-database.ts';

/** @throws LanacmeError `config.invalid-value` for names that nobody has, and for what this user may not give away. */
export async function readersOf({ keyGroup, owner }: InstallTerms): Promise<Readers> {
  return {
    ...(owner === undefined ? {} : { uid: await ownerId(owner) }),
    ...(keyGroup === undefined ? {} : { gid: await groupId(keyGroup) }),
  };
}

/** A sentence for each folder above the state folder that keeps these readers from their files. */
export function closedWays(stateDir: string, readers: Readers): readonly string[] {
  return closedFolders(foldersAbove(realPathOf(stateDir)), readers).map(({ path, mode }) => {
    const octal = (mode & 0o7777).toString(8).padStart(4, '0');
    return `who may read the keys cannot get to them: ${path} is closed to others (mode ${octal})`;
  });
}

/** systemd makes the state folder of a dynamic user a link into a folder that others may not enter. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // It may have to be made yet.
    if (errnoOf(error) === 'ENOENT') return path;
    throw fileFailure(error, 'read', path);
  }
}

/** Those that are there. */
function foldersAbove(path: string): readonly FolderOnTheWay[] {
  const parent = dirname(path);
  const above = parent === path ? [] : foldersAbove(parent);
  const found = statSync(parent, { throwIfNoEntry: false });
  return found === undefined || parent === path
    ? above
    : [...above, { path: parent, uid: found.uid, gid: found.gid, mode: found.mode }];
}

async function groupId(name: string): Promise<number> {
  const gid = await look(name, 'group');
  if (gid === undefined) {
    throw refusal(`--key-group: there is no group ${name}`, `make it: groupadd --system ${name}`);
  }
  const own = [process.getegid?.(), ...(process.getgroups?.() ?? [])];
  if (process.geteuid?.() === 0 || own.includes(gid)) return gid;
  const user = ownUser();
  const who = user.entry?.name ?? String(user.uid);
  throw refusal(
    `--key-group: lanacme runs as user ${nameOfUser(user)}, who is not in the group ${name}`,
    `usermod -aG ${name} ${who}, then log in again or restart the service: a process keeps the groups that it began with`,
  );
}

async function ownerId(name: string): Promise<number> {
  const uid = await look(name, 'passwd');
  if (uid === undefined) {
    throw refusal(`--owner: there is no user ${name}`, 'getent passwd lists the users of this host');
  }
  const self = process.geteuid?.();
  if (self === 0 || self === uid) return uid;
  throw refusal(
    `--owner: only root can give files to ${name}, and lanacme runs as user ${nameOfUser(ownUser())}`,
    'let a group read the keys instead (--key-group), or keep a state folder that belongs to root',
  );
}

async function look(name: string, database: 'group' | 'passwd'): Promise<number | undefined> {
  if (!isAccountName(name)) return undefined;
  return await inUserDatabase(database, name, (lines) => idOf(name, lines));
}

function refusal(message: string, hint: string): LanacmeError {
  return new LanacmeError('config.invalid-value', message, { hint, outcome: 'usage' });
}
