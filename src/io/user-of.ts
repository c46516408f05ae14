import { userEntry } from '../core/user-database.ts';
import type { OwnUser } from './own-user.ts';
import { inUserDatabase } from './user-database.ts';

/** A user by number. Node asks the user database only about the user of this process. */
export async function userOf(uid: number): Promise<OwnUser> {
  const entry = await inUserDatabase('passwd', String(uid), (lines) => userEntry(uid, lines));
  return { uid, ...(entry === undefined ? {} : { entry }) };
}
