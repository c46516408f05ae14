import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isAccountName } from '../core/user-database.ts';
import { LanacmeError } from '../errors.ts';

/** Another user than root, whom root has hooks run as. */
export interface HookUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** From the user database, wherever this host keeps it; `hook.not-started` if there is no such user. */
export async function hookUser(name: string): Promise<HookUser | LanacmeError> {
  const [, , uid = '', gid = '', , home = ''] = isAccountName(name) ? await entryOf(name) : [];
  if (/^[0-9]+$/.test(uid) && /^[0-9]+$/.test(gid)) return { uid: Number(uid), gid: Number(gid), home };
  return new LanacmeError('hook.not-started', `the hooks cannot run as ${name}: there is no such user`, {
    hint: 'getent passwd lists the users of this host; choose one with --hook-user',
  });
}

async function entryOf(name: string): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)('getent', ['passwd', name], { timeout: 10_000 });
    return stdout.trimEnd().split(':');
  } catch {
    // It knows nobody of that name, or cannot reach who would know.
    return [];
  }
}

/** setpriv(1) of util-linux: all groups of the user, no way back, and none of what a login would start. */
export function runAsUser({ uid, gid }: HookUser): readonly string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all', '--'];
}
