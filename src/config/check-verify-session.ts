import { resolve } from 'node:path';
import type { Host } from './host.ts';
import { configProblem, type Problems } from './problems.ts';
import type { Values } from './values.ts';

/** The two files of `verify-session FILE --seeds DB`, as absolute paths; undefined if a problem was noted. */
export function checkSessionFiles(
  [file]: readonly string[],
  values: Values,
  host: Host,
  problems: Problems,
): { readonly eventFile: string; readonly seedsFile: string } | undefined {
  const seedsFile = values.get('seeds');
  problems.add(...values.missing('seeds'));
  if (file === undefined) {
    const hint = 'write lanacme verify-session FILE --seeds FILE; the first is a CreateSession event';
    problems.add(configProblem('config.missing', 'the file with the CloudTrail event is missing', hint));
  }
  if (file === undefined || seedsFile === undefined) return undefined;
  return { eventFile: file === '-' ? file : resolve(host.workingDirectory, file), seedsFile };
}
