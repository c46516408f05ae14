import { createHash } from 'node:crypto';
import { lchownSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type CertificateName, parseCertificateName } from '../core/names.ts';
import { parseRootQueue, type RootQueue, rootQueueFolder } from '../core/root-queue.ts';
import { LanacmeError } from '../errors.ts';
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
 * As root: nothing is owed to hooks that it has no more. Nobody else would tell the owner of the state folder, for whom
 * they would be owed every later version.
 *
 * @param commands of the hooks that it has
 * @param gid as for `writeRootQueue`
 */
export async function forgetOtherHooks(
  stateDir: string,
  commands: readonly string[],
  gid: number,
): Promise<void> {
  const folder = rootQueuePath(stateDir);
  if (commands.length === 0) rmSync(folder, { recursive: true, force: true });
  for (const queue of notedQueues(folder)) {
    const hooks = queue.hooks.filter(({ command }) => commands.includes(command));
    if (hooks.length < queue.hooks.length) await writeRootQueue(folder, { ...queue, hooks }, gid);
  }
}

/** Those that can be read: one that cannot is told of where its own certificate is looked at. */
export function* notedQueues(folder: string): Iterable<RootQueue> {
  for (const file of namesIn(folder)) {
    try {
      const queue = readRootQueue(folder, parseCertificateName(file.replace(/\.json$/, '')));
      if (queue !== undefined) yield queue;
    } catch (error) {
      if (!(error instanceof LanacmeError)) throw error;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileFailure(error, 'read', folder);
  }
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
