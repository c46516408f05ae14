/**
 * `sudo lanacme …` on a state folder of user lanacme: this process becomes that user, for good, before it opens
 * anything of the state or any key. The certificate's own deploy hooks therefore run as that user too; those of
 * root run in a process that is started before (`root-hooks`).
 */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { type FoundStateDir, runAs } from '../core/state-owner.ts';
import type { Log } from '../ports.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';
import { nameOfUser, type OwnUser, ownUser } from './own-user.ts';

export interface BecomeOwnerOptions {
  readonly stateDir: string;
  /** A file of lanacme itself: the others are loaded when they are needed, with the rights of then. */
  readonly program: string;
  readonly log: Log;
  /** What is to be done while this is still root, if it will become the owner. */
  readonly asRoot: (owner: { readonly uid: number; readonly gid: number }) => Promise<void>;
}

/** @throws LanacmeError `state.unsafe` if this cannot be, or must not. */
export async function becomeOwner({ stateDir, program, log, asRoot }: BecomeOwnerOptions): Promise<void> {
  const as = runAs(process.geteuid?.() ?? -1, findStateDir(stateDir));
  if (as.kind === 'self') return;
  const owner = lookUp(as.uid);
  await asRoot({ uid: as.uid, gid: owner.entry?.gid ?? as.gid });
  become(owner, as.gid, stateDir);
  settleIn(owner);
  log.info(`${stateDir} belongs to user ${nameOfUser(owner)}: going on as that user`);
  await requireAccess(program, constants.R_OK, owner, 'read the files of lanacme');
  await requireAccess(stateDir, constants.X_OK, owner, 'enter that folder');
}

function findStateDir(path: string): FoundStateDir | undefined {
  const [link, folder] = [ifThere(path, lstatSync), ifThere(path, statSync)];
  if (folder === undefined) return undefined;
  const { uid, gid } = folder;
  return { path, uid, gid, ...(link?.isSymbolicLink() === true ? { linkUid: link.uid } : {}) };
}

function ifThere(path: string, ask: (path: string) => Stats): Stats | undefined {
  try {
    return ask(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileFailure(error, 'read', path);
  }
}

/** Node asks the user database only about the effective user: for one call, that is the owner. */
function lookUp(uid: number): OwnUser {
  process.seteuid?.(uid);
  try {
    return ownUser();
  } finally {
    process.seteuid?.(0);
  }
}

/** Groups first: once the user is another, the right to change them is gone. */
function become({ uid, entry }: OwnUser, folderGid: number, stateDir: string): void {
  const gid = entry?.gid ?? folderGid;
  if (entry === undefined && gid === 0) {
    const what = `belongs to user ${uid}, whom the user database does not know, and to the group of root`;
    throw unsafeFile(stateDir, what, `give it a group of its own: chgrp ${uid} '${stateDir}'`);
  }
  try {
    if (entry === undefined) process.setgroups?.([gid]);
    else if (hasInitgroups(process)) process.initgroups(entry.name, gid);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    const hint = `run lanacme as that user: sudo -u '#${uid}' lanacme …`;
    throw unsafeFile(stateDir, `belongs to user ${uid}, whom this root may not become`, hint, error);
  }
  if (!hasBecome(uid, gid)) throw new Error(`still not user ${uid} with group ${gid} after setuid`);
}

/** Node has it; the types of Node do not tell. */
function hasInitgroups(of: object): of is { initgroups(user: string, extraGroup: number): void } {
  return 'initgroups' in of && typeof of.initgroups === 'function';
}

/** Really, effectively, and with no way back. */
function hasBecome(uid: number, gid: number): boolean {
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  if (ids.join() !== [uid, uid, gid, gid].join()) return false;
  try {
    process.setuid?.(0);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** What libraries and children take for the user's: root's home is closed to the owner. */
function settleIn({ entry }: OwnUser): void {
  process.env['HOME'] = entry?.home ?? '/';
  delete process.env['USER'];
  delete process.env['LOGNAME'];
  if (entry !== undefined) Object.assign(process.env, { USER: entry.name, LOGNAME: entry.name });
}

async function requireAccess(path: string, mode: number, owner: OwnUser, doing: string): Promise<void> {
  try {
    await access(path, mode);
  } catch (error) {
    const hint = `let that user ${doing}: look at the modes of all folders above it (namei -l '${path}')`;
    throw unsafeFile(path, `is closed to user ${nameOfUser(owner)}, who owns the state folder`, hint, error);
  }
}
