/** Users by number, from the user database. Node asks it about the user of this process only. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { userEntry } from '../core/user-database.ts';
import { errnoOf } from './file-failure.ts';
import type { OwnUser } from './own-user.ts';

/** In the file first: getent(1) also asks where else this host keeps users, and is not everywhere. */
export async function userOf(uid: number): Promise<OwnUser> {
  const entry = userEntry(uid, textOf('/etc/passwd')) ?? userEntry(uid, await asked(uid));
  return { uid, ...(entry === undefined ? {} : { entry }) };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}

async function asked(uid: number): Promise<string> {
  try {
    return (await promisify(execFile)('getent', ['passwd', String(uid)], { timeout: 10_000 })).stdout;
  } catch {
    // It knows nobody of that number, is not here, or cannot reach who would know.
    return '';
  }
}
