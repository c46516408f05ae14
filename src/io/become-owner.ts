/**
 * `sudo lanacme …` on a state folder of user lanacme: a process of that user goes on, and opens the state and all keys.
 * The certificate's own deploy hooks therefore run as that user too; those of root run in a process that stays root
 * (`root-hooks`), and this one only waits.
 *
 * A process of its own, since not every Node may change its user: Debian's refuses with any libuv that knows io_uring
 * (CVE-2024-22017).
 */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { type FoundStateDir, runAs } from '../core/state-owner.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import type { RunAsOwnerOptions } from './run-as-owner.ts';

/**
 * Has the owner of the state folder do the whole run, if that is another user than root; returns its exit code then.
 *
 * @throws LanacmeError `state.unsafe` if this cannot be, or must not.
 */
export async function becomeOwner({
  stateDir,
  ...options
}: Omit<RunAsOwnerOptions, 'folder'>): Promise<{ readonly exitCode: number } | undefined> {
  const as = runAs(process.geteuid?.() ?? -1, findStateDir(stateDir));
  if (as.kind === 'self') return undefined;
  const { runAsOwner } = await import('./run-as-owner.ts');
  return { exitCode: await runAsOwner({ stateDir, folder: as, ...options }) };
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
