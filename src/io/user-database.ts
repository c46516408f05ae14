/** The users and groups of this host: its files, then getent(1), which also asks where else it keeps them. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { bareEnvironment } from './child-environment.ts';
import { errnoOf } from './file-failure.ts';

/**
 * What `find` makes of the lines of a database, those about `key` at least. The files are asked first: getent is not
 * everywhere, and may have to ask far away.
 */
export async function inUserDatabase<T>(
  database: 'group' | 'passwd',
  key: string,
  find: (lines: string) => T | undefined,
): Promise<T | undefined> {
  return find(textOf(`/etc/${database}`)) ?? find(await asked(database, key));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}

async function asked(database: string, key: string): Promise<string> {
  try {
    const options = { timeout: 10_000, env: bareEnvironment() };
    return (await promisify(execFile)('getent', [database, key], options)).stdout;
  } catch {
    // It is not there, knows nobody of that name, or cannot reach who would know: all of it means nobody.
    return '';
  }
}
