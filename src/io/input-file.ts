import { LanacmeError } from '../errors.ts';

/**
 * Reads a file that somebody named on the command line: that it cannot be read is wrong usage, not a failure of what
 * was asked for.
 *
 * @throws LanacmeError as `read`, with outcome `usage`.
 */
export async function readInput(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    const { code, message, hint, details, cause } = error;
    throw new LanacmeError(code, message, { hint, details, cause, outcome: 'usage' });
  }
}
