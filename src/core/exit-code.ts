import type { Outcome } from '../errors.ts';

export type ExitCode = 0 | 1 | 2 | 75;

/**
 * The exit code of a run in which these failures happened; none is success.
 *
 * A failure that somebody must look at outweighs being told to wait. 2 promises that nothing was sent anywhere, so it
 * is given only when every failure is wrong usage; beside any other it counts as a plain failure.
 */
export function exitCode(outcomes: readonly Outcome[]): ExitCode {
  if (outcomes.length === 0) return 0;
  if (outcomes.every((outcome) => outcome === 'usage')) return 2;
  if (outcomes.every((outcome) => outcome === 'wait')) return 75;
  return 1;
}
