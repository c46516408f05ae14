import { LanacmeError } from '../errors.ts';

/** A call that is made until AWS denies it: rights do not come back within a run, and each further refusal is a request. */
export function untilDenied<Args extends readonly unknown[], T>(
  call: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  let denied: LanacmeError | undefined;
  return async (...args) => {
    if (denied !== undefined) throw denied;
    try {
      return await call(...args);
    } catch (error) {
      if (error instanceof LanacmeError && error.code === 'route53.access-denied') denied = error;
      throw error;
    }
  };
}
