import { errnoOf } from './file-failure.ts';

/** Who this process acts as. */
export interface OwnUser {
  /** -1 on systems without user ids. */
  readonly uid: number;
  /** Absent if the user database does not know the id, as in many containers. */
  readonly entry?: { readonly name: string; readonly gid: number; readonly home: string };
}

/** From the user database, by effective id: what $HOME and $USER say is the caller's. */
export function ownUser(): OwnUser {
  const uid = process.geteuid?.() ?? -1;
  try {
    // Only for a message or for hooks: no run that has nothing to do waits for the module.
    const { userInfo } = process.getBuiltinModule('node:os');
    const { username: name, gid, homedir: home } = userInfo();
    return { uid, entry: { name, gid, home } };
  } catch (error) {
    if (errnoOf(error) === 'ERR_SYSTEM_ERROR') return { uid };
    throw error;
  }
}

/** For messages: `lanacme (id 997)`, or `id 65011`. */
export function nameOfUser({ uid, entry }: OwnUser): string {
  return entry === undefined ? `id ${uid}` : `${entry.name} (id ${uid})`;
}
