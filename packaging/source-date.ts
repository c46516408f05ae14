import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run, top } from './run.ts';

/**
 * The date that everything in a package bears: `$SOURCE_DATE_EPOCH`, else that of the last commit, else, where this is no
 * checkout, that of package.json (https://reproducible-builds.org/specs/source-date-epoch/). To the second.
 */
export async function sourceDate(): Promise<Date> {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  const seconds = Number(
    given ?? (await lastCommit()) ?? Math.floor((await stat(join(top, 'package.json'))).mtimeMs / 1000),
  );
  if (!Number.isSafeInteger(seconds)) throw new Error(`SOURCE_DATE_EPOCH is no number of seconds: ${given}`);
  return new Date(seconds * 1000);
}

async function lastCommit(): Promise<string | undefined> {
  return await run('git', ['log', '-1', '--format=%ct']).then(
    (seconds) => seconds.trim(),
    () => undefined,
  );
}
