import { createHash } from 'node:crypto';
import { lchownSync, lstatSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { CertificateName } from '../core/names.ts';
import { parseRootQueue, type RootQueue, rootQueueFolder } from '../core/root-queue.ts';
import { makeFolder, removeLeftovers, replaceFile, syncFolder } from './atomic-file.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';
import { readJsonFile } from './small-file.ts';

/** Of one state folder: `/var/lib/lanacme-deploy/<8 hex>`. Anybody may enter, and only root may write. */
export function rootQueuePath(stateDir: string, base = rootQueueFolder): string {
  return join(base, createHash('sha256').update(resolve(stateDir)).digest('hex').slice(0, 8));
}

/** Also for the owner of the state folder, whose group the files have. */
export function readRootQueue(folder: string, name: CertificateName): RootQueue | undefined {
  const file = join(folder, `${name}.json`);
  const json = readJsonFile(file, 'remove the file: every hook of root then runs again');
  return json === undefined ? undefined : parseRootQueue(json, name, file);
}

/** As root. @param gid of the owner of the state folder, who may read it. */
export async function writeRootQueue(folder: string, queue: RootQueue, gid: number): Promise<void> {
  await makeRootFolder(dirname(folder));
  await makeRootFolder(folder);
  await removeLeftovers(folder);
  const file = join(folder, `${queue.name}.json`);
  await replaceFile(file, `${JSON.stringify(queue, null, 2)}\n`, 0o640);
  lchownSync(file, 0, gid);
}

/**
 * As root, who has no hook any more: nothing is owed to those that were noted. Nobody else would tell the owner of the
 * state folder, for whom they would be owed every later version.
 */
export function forgetRootQueues(stateDir: string): void {
  rmSync(rootQueuePath(stateDir), { recursive: true, force: true });
}

async function makeRootFolder(path: string): Promise<void> {
  try {
    const found = lstatSync(path);
    if (found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fileFailure(error, 'write', path);
    makeFolder(path, 0o755);
    await syncFolder(dirname(path));
    return;
  }
  throw unsafeFile(
    path,
    'is not a folder that only root can write',
    'root keeps there what its deploy hooks have done: see who made it, and move it away',
  );
}
