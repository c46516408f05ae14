import { errnoOf } from './file-failure.ts';

/**
 * Whether a program could not be started because there is none that this user may run. It is EACCES, not ENOENT, if a
 * folder of PATH may not be searched, or has a file of that name that is no program (execvp(3)).
 */
export function isMissingProgram(error: unknown): boolean {
  return ['ENOENT', 'EACCES'].includes(errnoOf(error) ?? '');
}
