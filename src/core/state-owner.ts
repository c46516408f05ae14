import { LanacmeError } from '../errors.ts';

/** The state folder as it was found, links followed. */
export interface FoundStateDir {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** Who made the link, if the path is one. */
  readonly linkUid?: number;
}

/** With whose rights the run goes on. */
export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'owner'; readonly uid: number; readonly gid: number };

/**
 * Root works on another user's state folder as that user: what it leaves there can be used by that user's next run,
 * and what that user put there has no more power than that user. A folder that is missing is made as root.
 *
 * Whoever is not root stays who they are; on another's folder `StateFolder` refuses them.
 *
 * @throws LanacmeError `state.unsafe` if somebody could lead root into a folder that is not theirs.
 */
export function runAs(self: number, found: FoundStateDir | undefined): RunAs {
  if (self !== 0 || found === undefined) return { kind: 'self' };
  const { path, uid, gid, linkUid = 0 } = found;
  if (linkUid !== 0 && linkUid !== uid) {
    const message = `${path} is a link that user ${linkUid} made, to a folder of user ${uid}`;
    throw new LanacmeError('state.unsafe', message, {
      hint: 'see where it leads (ls -l), then name that folder itself with --state-dir',
    });
  }
  return uid === 0 ? { kind: 'self' } : { kind: 'owner', uid, gid };
}
