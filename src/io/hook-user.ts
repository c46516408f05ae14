import { isAccountName, type UserEntry, userEntry } from '../core/user-database.ts';
import { LanacmeError } from '../errors.ts';
import { inUserDatabase } from './user-database.ts';

/** Another user than root, whom root has hooks run as. */
export type HookUser = Pick<UserEntry, 'uid' | 'gid' | 'home'>;

/** From the user database, wherever this host keeps it; `hook.not-started` if there is no such user. */
export async function hookUser(name: string): Promise<HookUser | LanacmeError> {
  const find = (lines: string): UserEntry | undefined => userEntry(name, lines);
  const entry = isAccountName(name) ? await inUserDatabase('passwd', name, find) : undefined;
  if (entry !== undefined) return entry;
  return new LanacmeError('hook.not-started', `the hooks cannot run as ${name}: there is no such user`, {
    hint: 'getent passwd lists the users of this host; choose one with --hook-user',
  });
}

/** setpriv(1) of util-linux: all groups of the user, no way back, and none of what a login would start. */
export function runAsUser({ uid, gid }: HookUser): readonly string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--inh-caps=-all', '--'];
}
